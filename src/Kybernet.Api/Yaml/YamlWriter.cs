using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.Api.Yaml;

/// <summary>Writes a JSON tree as YAML in the form of Kubernetes' own library: keys in order, lists at the indentation of their key.</summary>
public static class YamlWriter
{
    /// <summary>Writes a document.</summary>
    /// <param name="node">The tree; null writes <c>null</c>.</param>
    public static string Write(JsonNode? node)
    {
        var text = new StringBuilder();
        switch (node)
        {
            case JsonObject { Count: > 0 } map:
                Mapping(text, map, 0);
                break;
            case JsonArray { Count: > 0 } list:
                Sequence(text, list, 0);
                break;
            default:
                Scalar(text, node, 0);
                text.Append('\n');
                break;
        }
        return text.ToString();
    }

    private static void Mapping(StringBuilder text, JsonObject map, int indent, bool continuesLine = false)
    {
        foreach (var (key, value) in map.OrderBy(field => field.Key, KeyComparer.Instance))
        {
            if (!continuesLine)
            {
                text.Append(' ', indent);
            }
            continuesLine = false;
            String(text, key, indent, isKey: true);
            text.Append(':');
            switch (value)
            {
                case JsonObject { Count: > 0 } inner:
                    text.Append('\n');
                    Mapping(text, inner, indent + 2);
                    break;
                case JsonArray { Count: > 0 } list:
                    text.Append('\n');
                    Sequence(text, list, indent);
                    break;
                default:
                    text.Append(' ');
                    Scalar(text, value, indent + 2);
                    text.Append('\n');
                    break;
            }
        }
    }

    private static void Sequence(StringBuilder text, JsonArray list, int indent, bool continuesLine = false)
    {
        foreach (var item in list)
        {
            if (!continuesLine)
            {
                text.Append(' ', indent);
            }
            continuesLine = false;
            text.Append("- ");
            switch (item)
            {
                case JsonObject { Count: > 0 } map:
                    Mapping(text, map, indent + 2, continuesLine: true);
                    break;
                case JsonArray { Count: > 0 } inner:
                    Sequence(text, inner, indent + 2, continuesLine: true);
                    break;
                default:
                    Scalar(text, item, indent + 2);
                    text.Append('\n');
                    break;
            }
        }
    }

    private static void Scalar(StringBuilder text, JsonNode? node, int indent)
    {
        switch (node)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject:
                text.Append("{}");
                break;
            case JsonArray:
                text.Append("[]");
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                String(text, JsonValues.Text(value), indent, isKey: false);
                break;
            default:
                text.Append(node.ToJsonString());
                break;
        }
    }

    private static void String(StringBuilder text, string value, int indent, bool isKey)
    {
        if (!isKey && IsBlock(value))
        {
            Block(text, value, indent);
        }
        else if (value.Length == 0 || value.AsSpan().ContainsAnyInRange('\0', '\x1f') || value.Any(NeedsEscape))
        {
            DoubleQuoted(text, value);
        }
        else if (YamlScalars.NeedsQuotes(value))
        {
            // What would be a number, a boolean or a null is quoted doubly by upstream's library, what would be syntax singly.
            DoubleQuoted(text, value);
        }
        else if (IsSyntax(value))
        {
            text.Append('\'').Append(value.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
        }
        else
        {
            text.Append(value);
        }
    }

    private static bool NeedsEscape(char character) =>
        character is '\x7f' or '\x85' or '\u2028' or '\u2029' or '\ufeff' or (>= '\x80' and < '\xa0') || char.IsSurrogate(character);

    private static bool IsBlock(string value) =>
        value.Contains('\n', StringComparison.Ordinal)
        && !value.Any(character => (character < ' ' && character is not ('\n' or '\t')) || NeedsEscape(character))
        && value.AsSpan().TrimStart('\n') is [not (' ' or '\t'), ..];

    private static bool IsSyntax(string value) =>
        value[0] is '-' or '?' or ':' && (value.Length == 1 || value[1] == ' ')
        || ",[]{}#&*!|>'\"%@` ".Contains(value[0], StringComparison.Ordinal)
        || value[^1] is ' ' or ':' || value.Contains(": ", StringComparison.Ordinal) || value.Contains(" #", StringComparison.Ordinal)
        || value.StartsWith("---", StringComparison.Ordinal) || value.StartsWith("...", StringComparison.Ordinal);

    /// <summary>A literal block; how many line ends it ends with is in the header.</summary>
    private static void Block(StringBuilder text, string value, int indent)
    {
        var body = value.TrimEnd('\n');
        var ends = value.Length - body.Length;
        text.Append('|').Append(ends switch { 0 => "-", 1 => "", _ => "+" });
        foreach (var line in (ends > 1 ? value[..^1] : body).Split('\n'))
        {
            text.Append('\n');
            if (line.Length > 0)
            {
                text.Append(' ', Math.Max(indent, 2)).Append(line);
            }
        }
    }

    private static void DoubleQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append(@"\\"),
                '\n' => text.Append("\\n"),
                '\t' => text.Append("\\t"),
                '\r' => text.Append("\\r"),
                < 0x20 or (>= 0x7f and < 0xa0) => text.Append($"\\x{rune.Value:X2}"),
                0x2028 or 0x2029 or 0xfeff => text.Append($"\\u{rune.Value:X4}"),
                > 0xffff => text.Append($"\\U{rune.Value:X8}"),
                _ => text.Append(rune.ToString()),
            };
        }
        text.Append('"');
    }

    /// <summary>Other characters before letters, except after a digit, and numbers by value: so upstream's library orders keys.</summary>
    private sealed class KeyComparer : IComparer<string>
    {
        internal static KeyComparer Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            var (left, right) = (x ?? "", y ?? "");
            var afterDigit = false;
            for (var i = 0; i < left.Length && i < right.Length; i++)
            {
                if (left[i] == right[i])
                {
                    afterDigit = char.IsAsciiDigit(left[i]);
                    continue;
                }
                var isLetter = char.IsLetter(left[i]);
                if (isLetter != char.IsLetter(right[i]))
                {
                    return isLetter == afterDigit ? -1 : 1;
                }
                return !isLetter && char.IsAsciiDigit(left[i]) && char.IsAsciiDigit(right[i]) ? Numbers(left, right, i) : left[i].CompareTo(right[i]);
            }
            return left.Length.CompareTo(right.Length);
        }

        private static int Numbers(string left, string right, int start)
        {
            while (start > 0 && char.IsAsciiDigit(left[start - 1]))
            {
                start--;
            }
            var (a, b) = (NumberAt(left, start), NumberAt(right, start));
            var order = a.Length.CompareTo(b.Length);
            order = order != 0 ? order : string.CompareOrdinal(a, b);
            return order != 0 ? order : string.CompareOrdinal(left, right);
        }

        private static string NumberAt(string text, int start)
        {
            var end = start;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }
            return text[start..end].TrimStart('0');
        }
    }
}
