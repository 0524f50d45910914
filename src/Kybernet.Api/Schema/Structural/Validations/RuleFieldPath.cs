using System.Text;

namespace Kybernet.Api.Schema.Structural.Validations;

/// <summary>The <c>fieldPath</c> of a rule: fields after dots, and keys in brackets and single quotation marks, as in <c>.spec['a.b'].c</c>.</summary>
internal static class RuleFieldPath
{
    /// <summary>The path as errors spell it; null where there is none.</summary>
    public static string? Normalise(string? path)
    {
        if (string.IsNullOrEmpty(path) || Read(path, out _) is not { } steps)
        {
            return null;
        }
        var text = new StringBuilder();
        foreach (var (name, isKey) in steps)
        {
            text.Append(isKey ? $"[{name}]" : text.Length == 0 ? name : $".{name}");
        }
        return text.ToString();
    }

    /// <summary>Whether the path leads to something that the schema has.</summary>
    public static bool IsValid(string path, StructuralSchema schema)
    {
        if (Read(path, out _) is not { } steps)
        {
            return false;
        }
        var place = schema;
        foreach (var (name, _) in steps)
        {
            var next = place.Properties.Count > 0 ? place.Properties.GetValueOrDefault(name) : place.AdditionalProperties;
            if (next is null)
            {
                return false;
            }
            place = next;
        }
        return true;
    }

    /// <summary>The steps; null, and where reading ended, where the path is malformed.</summary>
    private static List<(string Name, bool IsKey)>? Read(string path, out int at)
    {
        var steps = new List<(string, bool)>();
        at = 0;
        while (at < path.Length)
        {
            if (path[at] == '.')
            {
                var end = path.AsSpan(at + 1).IndexOfAny('.', '[') is >= 0 and var length ? at + 1 + length : path.Length;
                if (end == at + 1)
                {
                    return null;
                }
                steps.Add((path[(at + 1)..end], false));
                at = end;
            }
            else if (Quoted(path, ref at) is { } key)
            {
                steps.Add((key, true));
            }
            else
            {
                return null;
            }
        }
        return steps;
    }

    private static string? Quoted(string path, ref int at)
    {
        if (string.CompareOrdinal(path, at, "['", 0, 2) != 0)
        {
            return null;
        }
        var key = new StringBuilder();
        for (at += 2; at < path.Length && path[at] != '\''; at++)
        {
            at += path[at] == '\\' ? 1 : 0;
            key.Append(at < path.Length ? path[at] : '\0');
        }
        if (string.CompareOrdinal(path, at, "']", 0, 2) != 0)
        {
            return null;
        }
        at += 2;
        return key.ToString();
    }
}
