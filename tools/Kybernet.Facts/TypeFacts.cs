using System.Text;
using System.Text.Json;

namespace Kybernet.Facts;

/// <summary>
/// Writes every API type as a block of lines: a header <c>= name [kind=g/v/Kind] [map=atomic] [scalar=string:format]</c>, then a line a
/// field: <c>name[!] type [list=..] [keys=a,b] [patch=..] [key=..] [map=..]</c>, where <c>!</c> marks a required one. Lines that begin with
/// <c>@</c> name the prefixes that the short type names stand for.
/// </summary>
internal static class TypeFacts
{
    private static readonly (string Short, string Long)[] Prefixes =
    [
        ("", "io.k8s.api."),
        ("meta.", "io.k8s.apimachinery.pkg.apis.meta."),
        ("machinery.", "io.k8s.apimachinery.pkg."),
        ("apiextensions.", "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions."),
        ("apiregistration.", "io.k8s.kube-aggregator.pkg.apis.apiregistration."),
    ];

    public static string Compact(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var text = new StringBuilder();
        foreach (var (shortForm, longForm) in Prefixes)
        {
            text.Append('@').Append(' ').Append(shortForm.Length == 0 ? "-" : shortForm).Append(' ').Append(longForm).Append('\n');
        }
        foreach (var type in document.RootElement.EnumerateObject())
        {
            AppendType(text, type);
        }
        return text.ToString();
    }

    private static void AppendType(StringBuilder text, JsonProperty type)
    {
        text.Append("= ").Append(Shorten(type.Name));
        if (type.Value.TryGetProperty("gvk", out var kinds))
        {
            foreach (var kind in kinds.EnumerateArray())
            {
                text.Append(" kind=").Append(kind.GetString());
            }
        }
        if (type.Value.TryGetProperty("mapType", out var mapType))
        {
            text.Append(" map=").Append(mapType.GetString());
        }
        if (type.Value.TryGetProperty("type", out var scalar))
        {
            text.Append(" scalar=").Append(scalar.GetString());
        }
        text.Append('\n');
        if (!type.Value.TryGetProperty("fields", out var fields))
        {
            return;
        }
        foreach (var field in fields.EnumerateObject())
        {
            AppendField(text, field);
        }
    }

    private static void AppendField(StringBuilder text, JsonProperty field)
    {
        text.Append(field.Name);
        if (field.Value.TryGetProperty("required", out var required) && required.GetBoolean())
        {
            text.Append('!');
        }
        text.Append(' ').Append(Shorten(field.Value.GetProperty("type").GetString()!));
        foreach (var (key, name) in new[] { ("listType", "list"), ("patchStrategy", "patch"), ("patchMergeKey", "key"), ("mapType", "map") })
        {
            if (field.Value.TryGetProperty(key, out var value))
            {
                text.Append(' ').Append(name).Append('=').Append(value.GetString());
            }
        }
        if (field.Value.TryGetProperty("listMapKeys", out var keys))
        {
            text.Append(" keys=").AppendJoin(',', keys.EnumerateArray().Select(key => key.GetString()));
        }
        text.Append('\n');
    }

    /// <summary>Shortens the type's name at the end of a spelling such as <c>[]io.k8s.api.core.v1.Pod</c> or <c>map&lt;..&gt;</c>.</summary>
    internal static string Shorten(string type)
    {
        var start = type.IndexOf("io.k8s.", StringComparison.Ordinal);
        if (start < 0)
        {
            return type;
        }
        var (shortForm, longForm) = Prefixes.Where(p => type.AsSpan(start).StartsWith(p.Long)).MaxBy(p => p.Long.Length);
        return string.Concat(type.AsSpan(0, start), shortForm, type.AsSpan(start + longForm.Length));
    }
}
