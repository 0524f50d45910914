using System.Globalization;

namespace Kybernet.Api.Cel;

/// <summary>Splits an expression into words.</summary>
internal sealed class CelLexer(CelSource source)
{
    private static readonly string[] Symbols =
    [
        "==", "!=", "<=", ">=", "&&", "||", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":", "+", "*", "/", "%", "<", ">",
    ];

    private readonly string _text = source.Text;
    private int _at;

    /// <summary>All words, the end included.</summary>
    public List<CelToken> Read()
    {
        var tokens = new List<CelToken>();
        while (Next() is { } token)
        {
            tokens.Add(token);
        }
        tokens.Add(new CelToken(CelTokenKind.End, _text.Length, "<EOF>"));
        return tokens;
    }

    private CelToken? Next()
    {
        while (true)
        {
            SkipBlank();
            if (_at >= _text.Length)
            {
                return null;
            }
            var start = _at;
            if (IsDigit(_at) || (_text[_at] == '.' && IsDigit(_at + 1)))
            {
                return Number(start);
            }
            if (LiteralPrefix() is { } prefix)
            {
                if (new CelStringLiteral(source, start, prefix).Read(out _at) is { } literal)
                {
                    return literal;
                }
                continue;
            }
            if (char.IsAsciiLetter(_text[_at]) || _text[_at] == '_')
            {
                return Word(start);
            }
            foreach (var symbol in Symbols)
            {
                if (string.CompareOrdinal(_text, _at, symbol, 0, symbol.Length) == 0)
                {
                    _at += symbol.Length;
                    return new CelToken(CelTokenKind.Symbol, start, symbol);
                }
            }
            _at += char.IsSurrogatePair(_text, _at) ? 2 : 1;
            source.Report(start, $"Syntax error: token recognition error at: '{_text[start.._at]}'");
        }
    }

    private void SkipBlank()
    {
        while (_at < _text.Length)
        {
            if (_text[_at] is ' ' or '\t' or '\r' or '\n' or '\f')
            {
                _at++;
            }
            else if (_text[_at] == '/' && _at + 1 < _text.Length && _text[_at + 1] == '/')
            {
                var end = _text.IndexOf('\n', _at);
                _at = end < 0 ? _text.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    private bool IsDigit(int at) => at < _text.Length && char.IsAsciiDigit(_text[at]);

    /// <summary>The letters before a quotation mark; null where no string begins here.</summary>
    private string? LiteralPrefix()
    {
        var end = _at;
        while (end < _text.Length && end - _at < 2 && _text[end] is 'r' or 'R' or 'b' or 'B')
        {
            end++;
        }
        if (end >= _text.Length || _text[end] is not ('"' or '\''))
        {
            return null;
        }
        var prefix = _text[_at..end].ToLowerInvariant();
        return prefix is "" or "r" or "b" or "br" or "rb" ? prefix : null;
    }

    private CelToken Word(int start)
    {
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
        {
            _at++;
        }
        var word = _text[start.._at];
        return word switch
        {
            "true" => new CelToken(CelTokenKind.Symbol, start, word, CelBool.True),
            "false" => new CelToken(CelTokenKind.Symbol, start, word, CelBool.False),
            "null" => new CelToken(CelTokenKind.Symbol, start, word, CelValue.Null),
            "in" => new CelToken(CelTokenKind.Symbol, start, word),
            _ => new CelToken(CelTokenKind.Identifier, start, word),
        };
    }

    private CelToken Number(int start)
    {
        if (_text[_at] == '0' && _at + 2 < _text.Length && _text[_at + 1] is 'x' && char.IsAsciiHexDigit(_text[_at + 2]))
        {
            _at += 2;
            while (_at < _text.Length && char.IsAsciiHexDigit(_text[_at]))
            {
                _at++;
            }
            return Integer(start, _text[(start + 2).._at], NumberStyles.AllowHexSpecifier);
        }
        SkipDigits();
        var isReal = false;
        if (_at < _text.Length && _text[_at] == '.' && IsDigit(_at + 1))
        {
            isReal = true;
            _at++;
            SkipDigits();
        }
        if (_at < _text.Length && _text[_at] is 'e' or 'E')
        {
            var exponent = _at + 1 < _text.Length && _text[_at + 1] is '+' or '-' ? _at + 2 : _at + 1;
            if (IsDigit(exponent))
            {
                isReal = true;
                _at = exponent;
                SkipDigits();
            }
        }
        return isReal
            ? new CelToken(CelTokenKind.Double, start, _text[start.._at], new CelDouble(double.Parse(_text[start.._at], CultureInfo.InvariantCulture)))
            : Integer(start, _text[start.._at], NumberStyles.None);
    }

    private void SkipDigits()
    {
        while (IsDigit(_at))
        {
            _at++;
        }
    }

    /// <summary>Whether an integer fits is known to the parser only, which sees the sign: the value is absent where it does not.</summary>
    private CelToken Integer(int start, string digits, NumberStyles style)
    {
        var fits = ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out var number);
        var value = fits ? new CelUint(number) : null;
        if (_at < _text.Length && _text[_at] is 'u' or 'U')
        {
            _at++;
            return new CelToken(CelTokenKind.Uint, start, _text[start.._at], value);
        }
        return new CelToken(CelTokenKind.Int, start, _text[start.._at], value);
    }
}
