using System.Text;

namespace Kybernet.Api.Selectors;

/// <summary>One term of a field selector.</summary>
/// <param name="Field">The field's path, such as <c>metadata.name</c>.</param>
/// <param name="Value">What it must be, or must not be.</param>
/// <param name="Equal">Whether it must be that value.</param>
public sealed record FieldRequirement(string Field, string Value, bool Equal);

/// <summary>A field selector, such as <c>metadata.name=a,status.phase!=Running</c>: fields match where they satisfy every term. Immutable.</summary>
public sealed class FieldSelector
{
    private readonly FieldRequirement[] _requirements;

    private FieldSelector(FieldRequirement[] requirements) => _requirements = requirements;

    /// <summary>Matches everything.</summary>
    public static FieldSelector Everything { get; } = new([]);

    /// <summary>The terms.</summary>
    public IReadOnlyList<FieldRequirement> Requirements => _requirements;

    /// <summary>Whether it matches everything.</summary>
    public bool IsEverything => _requirements.Length == 0;

    /// <summary>Some terms.</summary>
    public static FieldSelector Of(params IEnumerable<FieldRequirement> requirements) => new([.. requirements]);

    /// <summary>Reads the text of a query. The empty text matches everything.</summary>
    /// <exception cref="SelectorException">The text is malformed.</exception>
    public static FieldSelector Parse(string text)
    {
        var requirements = new List<FieldRequirement>();
        foreach (var term in Terms(text).Order(StringComparer.Ordinal))
        {
            if (term.Length > 0)
            {
                requirements.Add(ParseTerm(term) ?? throw new SelectorException($"invalid selector: '{text}'; can't understand '{term}'"));
            }
        }
        return requirements.Count == 0 ? Everything : new FieldSelector([.. requirements]);
    }

    /// <summary>Whether fields match. A field that an object does not have is empty.</summary>
    /// <param name="fields">Gives the value of a field; null where the object does not have it.</param>
    public bool Matches(Func<string, string?> fields)
    {
        foreach (var requirement in _requirements)
        {
            if (string.Equals(fields(requirement.Field) ?? "", requirement.Value, StringComparison.Ordinal) != requirement.Equal)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether fields match. A field that an object does not have is empty.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> fields)
    {
        foreach (var requirement in _requirements)
        {
            var value = fields.TryGetValue(requirement.Field, out var found) ? found : "";
            if (string.Equals(value, requirement.Value, StringComparison.Ordinal) != requirement.Equal)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The value that a field must have for anything to match; null where more than one will do.</summary>
    public string? RequiresExactMatch(string field)
    {
        foreach (var requirement in _requirements)
        {
            if (requirement.Equal && requirement.Field == field)
            {
                return requirement.Value;
            }
        }
        return null;
    }

    /// <summary>The canonical form, which parses back to the same selector.</summary>
    public override string ToString() =>
        string.Join(",", _requirements.Select(requirement => $"{requirement.Field}{(requirement.Equal ? "=" : "!=")}{Escape(requirement.Value)}"));

    /// <summary>Escapes what has a meaning in a selector's values.</summary>
    public static string Escape(string value) => value
        .Replace(@"\", @"\\", StringComparison.Ordinal).Replace(",", @"\,", StringComparison.Ordinal).Replace("=", @"\=", StringComparison.Ordinal);

    private static List<string> Terms(string text)
    {
        var terms = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ',')
            {
                terms.Add(text[start..i]);
                start = i + 1;
            }
        }
        terms.Add(text[start..]);
        return terms;
    }

    private static FieldRequirement? ParseTerm(string term)
    {
        for (var i = 0; i < term.Length; i++)
        {
            var rest = term.AsSpan(i);
            var length = rest.StartsWith("!=") || rest.StartsWith("==") ? 2 : rest[0] == '=' ? 1 : 0;
            if (length > 0)
            {
                return new FieldRequirement(term[..i], Unescape(term[(i + length)..]), rest[0] == '=');
            }
        }
        return null;
    }

    private static string Unescape(string value)
    {
        if (value.AsSpan().IndexOfAny('\\', ',', '=') < 0)
        {
            return value;
        }
        var result = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            switch (value[i])
            {
                case '\\' when i + 1 == value.Length:
                    throw new SelectorException($"invalid field selector: invalid escape sequence: \\");
                case '\\' when value[i + 1] is '\\' or ',' or '=':
                    result.Append(value[++i]);
                    break;
                case '\\':
                    throw new SelectorException($"invalid field selector: invalid escape sequence: \\{value[i + 1]}");
                case ',' or '=':
                    throw new SelectorException($"invalid field selector: unescaped character in value: {value[i]}");
                default:
                    result.Append(value[i]);
                    break;
            }
        }
        return result.ToString();
    }
}
