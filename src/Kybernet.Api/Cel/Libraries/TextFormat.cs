using System.Globalization;
using System.Text;

namespace Kybernet.Api.Cel;

/// <summary>What <c>'...'.format([...])</c> comes to: <c>%s %d %f %e %b %o %x %X %%</c>, with a precision for numbers.</summary>
internal sealed class TextFormat(string format, CelList arguments)
{
    private const int DefaultPrecision = 6;

    private readonly StringBuilder _text = new();
    private int _argument;

    public CelValue Result()
    {
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                _text.Append(format[i]);
                continue;
            }
            if (++i < format.Length && format[i] == '%')
            {
                _text.Append('%');
                continue;
            }
            var precision = DefaultPrecision;
            if (i < format.Length && format[i] == '.')
            {
                var digits = format.AsSpan(++i).IndexOfAnyExceptInRange('0', '9') is >= 0 and var length ? length : format.Length - i;
                if (!int.TryParse(format.AsSpan(i, digits), NumberStyles.None, CultureInfo.InvariantCulture, out precision) || precision > 100)
                {
                    return new CelError("could not parse formatting clause: error while parsing precision");
                }
                i += digits;
            }
            if (i >= format.Length)
            {
                return new CelError("could not parse formatting clause: unexpected end of string");
            }
            if (Clause(format[i], precision) is { } error)
            {
                return error;
            }
        }
        return new CelString(_text.ToString());
    }

    private CelError? Clause(char verb, int precision)
    {
        if (_argument >= arguments.Count)
        {
            return new CelError($"index {_argument} out of range");
        }
        var value = arguments[_argument++];
        var text = verb switch
        {
            's' => Text(value),
            'd' => value is CelInt or CelUint || value is CelDouble { Value: var real } && !double.IsFinite(real) ? value.ToString() : null,
            'f' => Real(value)?.ToString($"F{precision}", CultureInfo.InvariantCulture),
            'e' => Real(value) is { } number ? Exponent(number, precision) : null,
            'b' => value is CelBool flag ? (flag.Value ? "1" : "0") : Radix(value, 2),
            'o' => Radix(value, 8),
            'x' => Hexadecimal(value),
            'X' => Hexadecimal(value)?.ToUpperInvariant(),
            _ => "",
        };
        if (verb is not ('s' or 'd' or 'f' or 'e' or 'b' or 'o' or 'x' or 'X'))
        {
            return new CelError($"could not parse formatting clause: unrecognized formatting clause \"{verb}\"");
        }
        if (text is null)
        {
            return new CelError($"error during formatting: {Wanted(verb)}, was given {value.Type}");
        }
        _text.Append(text);
        return null;
    }

    private static string Wanted(char verb) => verb switch
    {
        's' => "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
        'd' => "decimal clause can only be used on integers",
        'f' => "fixed-point clause can only be used on doubles",
        'e' => "scientific clause can only be used on doubles",
        'b' => "only integers and bools can be formatted as binary",
        'o' => "octal clause can only be used on integers",
        _ => "only integers, byte buffers, and strings can be formatted as hex",
    };

    private static string? Text(CelValue value)
    {
        switch (value)
        {
            case CelList list:
                var items = new string?[list.Count];
                for (var i = 0; i < items.Length; i++)
                {
                    items[i] = Text(list[i]);
                }
                return items.Contains(null) ? null : $"[{string.Join(", ", items)}]";
            case CelMap map:
                var entries = map.Keys.Select(key => (Key: Text(key), Value: Text(map.Find(key)!))).OrderBy(static entry => entry.Key, StringComparer.Ordinal).ToList();
                return entries.Any(static entry => entry.Value is null) ? null : $"{{{string.Join(", ", entries.Select(static entry => $"{entry.Key}: {entry.Value}"))}}}";
            case CelBytes bytes:
                return Encoding.UTF8.GetString(bytes.Value.Span);
            default:
                return value.Type.Kind == CelKind.Opaque ? null : value.ToString();
        }
    }

    private static double? Real(CelValue value) => value switch
    {
        CelDouble number => number.Value,
        CelInt number => number.Value,
        CelUint number => number.Value,
        _ => null,
    };

    private static string Exponent(double value, int precision)
    {
        var text = value.ToString($"e{precision}", CultureInfo.InvariantCulture);
        // .NET writes three digits of the exponent, and Go two.
        var at = text.IndexOf('e', StringComparison.Ordinal);
        return at < 0 ? text : $"{text[..(at + 2)]}{text[(at + 2)..].TrimStart('0').PadLeft(2, '0')}";
    }

    private static string? Radix(CelValue value, int radix) => value switch
    {
        CelInt { Value: < 0 } number => $"-{Digits((ulong)-(number.Value + 1) + 1, radix)}",
        CelInt number => Digits((ulong)number.Value, radix),
        CelUint number => Digits(number.Value, radix),
        _ => null,
    };

    private static string Digits(ulong value, int radix)
    {
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, "0123456789abcdef"[(int)(value % (ulong)radix)]);
            value /= (ulong)radix;
        }
        while (value > 0);
        return digits.ToString();
    }

    private static string? Hexadecimal(CelValue value) => value switch
    {
        CelString text => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text.Value)),
        CelBytes bytes => Convert.ToHexStringLower(bytes.Value.Span),
        _ => Radix(value, 16),
    };
}
