using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Kybernet.Api.Yaml;

/// <summary>What the scalars of YAML 1.1 stand for, as Kubernetes' YAML library sees them.</summary>
internal static class YamlScalars
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    /// <summary>The value of a scalar: what is quoted is a string.</summary>
    internal static JsonNode? Resolve(Scalar scalar)
    {
        var tag = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? "" : scalar.Tag.Value;
        switch (tag)
        {
            case TagPrefix + "str":
                return JsonValue.Create(scalar.Value);
            case TagPrefix + "binary":
                return JsonValue.Create(Encoding.UTF8.GetString(Decode(scalar)));
            case TagPrefix + "float" when Number(scalar.Value) is { } number:
                return number;
        }
        return scalar.Style == ScalarStyle.Plain || tag.Length > 1 ? Plain(scalar.Value) : JsonValue.Create(scalar.Value);
    }

    /// <summary>A key, which is a string in JSON whatever it is in YAML.</summary>
    internal static string Key(JsonNode? key) => key is null ? "null" : JsonValues.Text(key);

    /// <summary>Whether a string would be read as something else if it were written without quotes.</summary>
    internal static bool NeedsQuotes(string text) => Plain(text) is not JsonValue value || value.GetValueKind() != System.Text.Json.JsonValueKind.String
        // Other YAML libraries read these as booleans or as times; upstream quotes them too.
        || text is "y" or "Y" or "n" or "N" or "<<" or "=" || LooksLikeTime(text) || LooksLikeBase60(text);

    private static byte[] Decode(Scalar scalar)
    {
        try
        {
            return Convert.FromBase64String(scalar.Value);
        }
        catch (FormatException exception)
        {
            throw new YamlFormatException("error converting YAML to JSON: yaml: !!binary value contains invalid base64 data", exception);
        }
    }

    private static JsonNode? Plain(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
        }
        return text[0] is '-' or '+' or '.' || char.IsAsciiDigit(text[0]) ? Number(text) ?? JsonValue.Create(text) : JsonValue.Create(text);
    }

    private static JsonValue? Number(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        if (Integer(plain) is { } integer)
        {
            return integer >= long.MinValue && integer <= long.MaxValue ? JsonValue.Create((long)integer)
                : integer <= ulong.MaxValue && integer >= 0 ? JsonValue.Create((ulong)integer) : JsonValue.Create((double)integer);
        }
        // ".inf" and ".nan" have no JSON; only what has a digit and no letters but the exponent's is a float.
        return IsFloat(plain) && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? JsonValue.Create(number)
            : null;
    }

    private static BigInteger? Integer(string text)
    {
        var negative = text.StartsWith('-');
        var digits = text.AsSpan(negative || text.StartsWith('+') ? 1 : 0);
        var (radix, start) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        digits = digits[start..];
        if (digits.Length == 0)
        {
            return null;
        }
        var value = BigInteger.Zero;
        foreach (var character in digits)
        {
            var digit = char.IsAsciiHexDigit(character) ? Convert.ToInt32(character.ToString(), 16) : 16;
            if (digit >= radix)
            {
                return null;
            }
            value = (value * radix) + digit;
        }
        return negative ? -value : value;
    }

    /// <summary><c>[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?</c></summary>
    private static bool IsFloat(string text)
    {
        var rest = text.AsSpan(text[0] is '-' or '+' ? 1 : 0);
        var whole = Digits(ref rest);
        var fraction = 0;
        if (rest is ['.', ..])
        {
            rest = rest[1..];
            fraction = Digits(ref rest);
        }
        if (whole + fraction == 0)
        {
            return false;
        }
        if (rest is ['e' or 'E', ..])
        {
            rest = rest[1..];
            if (rest is ['-' or '+', ..])
            {
                rest = rest[1..];
            }
            return Digits(ref rest) > 0 && rest.Length == 0;
        }
        return rest.Length == 0;
    }

    private static int Digits(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var count = end < 0 ? text.Length : end;
        text = text[count..];
        return count;
    }

    private static bool LooksLikeTime(string text) =>
        text.Length >= 8 && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[3]) && text[4] == '-' && char.IsAsciiDigit(text[5]);

    private static bool LooksLikeBase60(string text) =>
        text.Contains(':', StringComparison.Ordinal) && text.AsSpan().IndexOfAnyExcept("0123456789:._+-") < 0;
}
