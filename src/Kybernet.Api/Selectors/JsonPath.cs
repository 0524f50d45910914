using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.Api.Selectors;

/// <summary>
/// A JSONPath expression as definitions of custom resources use them (Kubernetes documentation, "JSONPath Support"): fields, quoted keys, indexes,
/// wildcards and filters, as in <c>.status.conditions[?(@.type=="Ready")].status</c>. Immutable.
/// </summary>
public sealed class JsonPath
{
    private readonly IReadOnlyList<Step> _steps;

    private JsonPath(IReadOnlyList<Step> steps) => _steps = steps;

    private delegate IEnumerable<JsonNode> Step(JsonNode node);

    /// <summary>Reads an expression that begins with a dot.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static JsonPath Parse(string text)
    {
        var steps = new List<Step>();
        for (var at = 0; at < text.Length;)
        {
            steps.Add(text[at] switch
            {
                '.' => Field(text, ref at),
                '[' => Bracket(text, ref at),
                var other => throw new FormatException($"unexpected '{other}' at position {at} of {text}"),
            });
        }
        return new JsonPath(steps);
    }

    /// <summary>What the expression leads to, in order; nothing where the way ends before.</summary>
    public IReadOnlyList<JsonNode> Find(JsonNode root)
    {
        List<JsonNode> found = [root];
        foreach (var step in _steps)
        {
            found = found.SelectMany(node => step(node)).ToList();
        }
        return found;
    }

    /// <summary>The names on the way of an expression that has nothing but names; null for any other.</summary>
    public static IReadOnlyList<string>? Names(string text)
    {
        var names = text.Split('.');
        return names is ["", _, ..] && names.Skip(1).All(static name => name.Length > 0 && !name.AsSpan().ContainsAny("[]*'\"")) ? names[1..] : null;
    }

    private static Step Field(string text, ref int at)
    {
        var start = ++at;
        while (at < text.Length && text[at] is not ('.' or '['))
        {
            at += text[at] == '\\' && at + 1 < text.Length ? 2 : 1; // a dot in a name is escaped
        }
        var name = text[start..at].Replace("\\", "", StringComparison.Ordinal);
        return name switch
        {
            "" when at == text.Length && start == 1 => static node => [node],
            "" when at < text.Length && text[at] == '[' => static node => [node],
            "" => throw new FormatException($"a name is missing at position {start} of {text}"),
            "*" => Children,
            _ => node => Member(node, name),
        };
    }

    private static Step Bracket(string text, ref int at)
    {
        var end = Close(text, at);
        var inside = text[(at + 1)..end].Trim();
        at = end + 1;
        if (inside == "*")
        {
            return Children;
        }
        if (inside.StartsWith("?(", StringComparison.Ordinal) && inside.EndsWith(')'))
        {
            return Filter(inside[2..^1].Trim());
        }
        if (Quoted(inside) is { } name)
        {
            return node => Member(node, name);
        }
        return int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)
            ? node => node is JsonArray list && (index < 0 ? list.Count + index : index) is var place && place >= 0 && place < list.Count && list[place] is { } item ? [item] : []
            : throw new FormatException($"[{inside}] is no index, name or filter");
    }

    /// <summary>The bracket's end; those inside quotes do not count.</summary>
    private static int Close(string text, int at)
    {
        var quote = '\0';
        var depth = 0;
        for (var i = at; i < text.Length; i++)
        {
            var c = text[i];
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else if (c == '[')
            {
                depth++;
            }
            else if (c == ']' && --depth == 0)
            {
                return i;
            }
        }
        throw new FormatException($"a bracket is not closed in {text}");
    }

    private static Step Filter(string condition)
    {
        foreach (var comparison in (string[])["==", "!=", "<=", ">=", "<", ">"])
        {
            if (condition.IndexOf(comparison, StringComparison.Ordinal) is >= 0 and var place)
            {
                var left = Relative(condition[..place].Trim());
                var right = condition[(place + comparison.Length)..].Trim();
                var expected = Quoted(right) ?? right;
                return node => Items(node).Where(item => left.Find(item) is [var value, ..] && Holds(JsonValues.Text(value), comparison, expected));
            }
        }
        var path = Relative(condition);
        return node => Items(node).Where(item => path.Find(item).Count > 0);
    }

    private static JsonPath Relative(string text) =>
        text.StartsWith('@') ? Parse(text[1..]) : throw new FormatException($"{text} does not begin with @");

    private static bool Holds(string value, string comparison, string expected)
    {
        var order = double.TryParse(value, CultureInfo.InvariantCulture, out var left) && double.TryParse(expected, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right)
            : string.CompareOrdinal(value, expected);
        return comparison switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            "<=" => order <= 0,
            ">=" => order >= 0,
            "<" => order < 0,
            _ => order > 0,
        };
    }

    private static string? Quoted(string text) =>
        text.Length >= 2 && text[0] is '\'' or '"' && text[^1] == text[0] ? Unescape(text.AsSpan(1, text.Length - 2)) : null;

    private static string Unescape(ReadOnlySpan<char> text)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            plain.Append(text[i] == '\\' && i + 1 < text.Length ? text[++i] : text[i]);
        }
        return plain.ToString();
    }

    private static IEnumerable<JsonNode> Member(JsonNode node, string name) =>
        node is JsonObject item && item.TryGetPropertyValue(name, out var value) && value is not null ? [value] : [];

    private static IEnumerable<JsonNode> Children(JsonNode node) => node switch
    {
        JsonObject item => item.Select(static entry => entry.Value).OfType<JsonNode>(),
        _ => Items(node),
    };

    private static IEnumerable<JsonNode> Items(JsonNode node) => node is JsonArray list ? list.OfType<JsonNode>() : [];
}
