namespace Kybernet.Api.Schema;

/// <summary>Maps the short type names of the fact table to the names of upstream's OpenAPI definitions and back.</summary>
public static class OpenApiNames
{
    private static readonly Lazy<(string Short, string Long)[]> Prefixes = new(Load);

    /// <summary>As in <c>core.v1.Pod</c> to <c>io.k8s.api.core.v1.Pod</c>.</summary>
    public static string Lengthen(string shortName)
    {
        var (shortForm, longForm) = ("", "");
        foreach (var prefix in Prefixes.Value)
        {
            if (shortName.StartsWith(prefix.Short, StringComparison.Ordinal) && (longForm.Length == 0 || prefix.Short.Length > shortForm.Length))
            {
                (shortForm, longForm) = prefix;
            }
        }
        return string.Concat(longForm, shortName.AsSpan(shortForm.Length));
    }

    /// <summary>As in <c>io.k8s.api.core.v1.Pod</c> to <c>core.v1.Pod</c>; a name with none of the prefixes is given back as it is.</summary>
    public static string Shorten(string longName)
    {
        var (shortForm, longForm) = ("", "");
        foreach (var prefix in Prefixes.Value)
        {
            if (longName.StartsWith(prefix.Long, StringComparison.Ordinal) && prefix.Long.Length > longForm.Length)
            {
                (shortForm, longForm) = prefix;
            }
        }
        return string.Concat(shortForm, longName.AsSpan(longForm.Length));
    }

    private static (string Short, string Long)[] Load()
    {
        var prefixes = new List<(string, string)>();
        foreach (var line in Facts.Lines("types.txt"))
        {
            if (line[0] != '@')
            {
                break;
            }
            var words = line.Split(' ');
            prefixes.Add((words[1] == "-" ? "" : words[1], words[2]));
        }
        return [.. prefixes];
    }
}
