using System.Globalization;
using System.Text;

namespace Kybernet.Api.Cel;

/// <summary>Reads a string or bytes in quotation marks: one or three, with escapes or raw.</summary>
internal sealed class CelStringLiteral(CelSource source, int start, string prefix)
{
    private readonly string _text = source.Text;
    private readonly bool _isRaw = prefix.Contains('r', StringComparison.Ordinal);
    private readonly bool _isBytes = prefix.Contains('b', StringComparison.Ordinal);
    private readonly List<byte> _bytes = [];
    private readonly StringBuilder _characters = new();

    /// <summary>Reads it; null, with an issue, where it does not end.</summary>
    public CelToken? Read(out int end)
    {
        var at = start + prefix.Length;
        var quote = _text.Substring(at, 1);
        if (string.CompareOrdinal(_text, at, new string(quote[0], 3), 0, 3) == 0)
        {
            quote = new string(quote[0], 3);
        }
        at += quote.Length;
        while (at < _text.Length && string.CompareOrdinal(_text, at, quote, 0, quote.Length) != 0)
        {
            if (_text[at] == '\n' && quote.Length == 1)
            {
                break;
            }
            at = _text[at] == '\\' ? Escaped(at) : Plain(at);
        }
        if (at >= _text.Length || string.CompareOrdinal(_text, at, quote, 0, quote.Length) != 0)
        {
            end = Math.Min(at, _text.Length);
            source.Report(start, $"Syntax error: token recognition error at: '{_text[start..end]}'");
            return null;
        }
        end = at + quote.Length;
        return _isBytes
            ? new CelToken(CelTokenKind.Bytes, start, _text[start..end], new CelBytes([.. _bytes]))
            : new CelToken(CelTokenKind.String, start, _text[start..end], new CelString(_characters.ToString()));
    }

    private int Plain(int at)
    {
        var length = char.IsSurrogatePair(_text, Math.Min(at, _text.Length - 1)) ? 2 : 1;
        Add(_text.AsSpan(at, length));
        return at + length;
    }

    private void Add(ReadOnlySpan<char> characters)
    {
        _characters.Append(characters);
        _bytes.AddRange(Encoding.UTF8.GetBytes(characters.ToString()));
    }

    private int Escaped(int at)
    {
        if (_isRaw)
        {
            // A quotation mark behind a backslash does not end a raw string of one mark, and both are kept.
            Add(_text.AsSpan(at, Math.Min(2, _text.Length - at)));
            return at + 2;
        }
        var next = at + 1 < _text.Length ? _text[at + 1] : '\0';
        var plain = next switch
        {
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            '\\' or '?' or '"' or '\'' or '`' => next,
            _ => '\0',
        };
        if (plain != '\0')
        {
            Add([plain]);
            return at + 2;
        }
        return next switch
        {
            'x' or 'X' => Code(at, at + 2, 2, 16, isCharacter: false),
            'u' => Code(at, at + 2, 4, 16, isCharacter: true),
            'U' => Code(at, at + 2, 8, 16, isCharacter: true),
            >= '0' and <= '3' => Code(at, at + 1, 3, 8, isCharacter: false),
            _ => Bad(at, at + 2),
        };
    }

    private int Code(int at, int digits, int count, int radix, bool isCharacter)
    {
        var code = 0L;
        for (var i = digits; i < digits + count; i++)
        {
            var digit = i < _text.Length && char.IsAsciiHexDigit(_text[i]) ? int.Parse(_text.AsSpan(i, 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : radix;
            if (digit >= radix)
            {
                return Bad(at, i);
            }
            code = (code * radix) + digit;
        }
        if (_isBytes && isCharacter)
        {
            return Bad(at, digits + count);
        }
        if (_isBytes)
        {
            _bytes.Add((byte)code);
        }
        else if (code <= 0x10FFFF && Rune.IsValid((int)code))
        {
            Add(new Rune((int)code).ToString());
        }
        else
        {
            return Bad(at, digits + count);
        }
        return digits + count;
    }

    private int Bad(int at, int end)
    {
        source.Report(start, $"Syntax error: token recognition error at: '{_text[start..Math.Min(end, _text.Length)]}'");
        return Math.Max(at + 2, Math.Min(end, _text.Length));
    }
}
