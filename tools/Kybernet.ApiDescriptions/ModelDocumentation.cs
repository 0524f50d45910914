using System.Xml;
using System.Xml.Linq;

namespace Kybernet.ApiDescriptions;

/// <summary>The summaries of the client's models and their properties, as prose again.</summary>
internal sealed class ModelDocumentation
{
    private const string TypePrefix = "T:k8s.Models.", PropertyPrefix = "P:k8s.Models.";

    private readonly Dictionary<string, string> _summaries = new(StringComparer.OrdinalIgnoreCase);

    public static ModelDocumentation Read(string path)
    {
        var documentation = new ModelDocumentation();
        using var reader = XmlReader.Create(path);
        var member = "";
        while (!reader.EOF)
        {
            if (reader.NodeType == XmlNodeType.Element && reader.Name == "member")
            {
                member = Name(reader.GetAttribute("name") ?? "");
            }
            else if (reader.NodeType == XmlNodeType.Element && reader.Name == "summary" && member.Length > 0)
            {
                documentation._summaries.TryAdd(member, Prose.Unwrap(((XElement)XNode.ReadFrom(reader)).Value));
                continue; // the reader stands on what follows already
            }
            reader.Read();
        }
        return documentation;
    }

    /// <summary>The model of a type such as <c>core.v1.PodSpec</c>; null where the client has none.</summary>
    public string? Model(string type)
    {
        var words = type.Split('.');
        if (words.Length < 3 || type.StartsWith("machinery.api.", StringComparison.Ordinal))
        {
            return null; // the client's own Quantity tells of itself, not of the API
        }
        var (group, version, name) = (words[^3], words[^2], words[^1]);
        // Where two groups have a type of one name, the client's name begins with the group's.
        string[] candidates = [$"{group}{version}{name}", $"{version}{name}"];
        return candidates.FirstOrDefault(_summaries.ContainsKey);
    }

    /// <summary>What is said of a model; empty for nothing.</summary>
    public string Of(string model) => _summaries.GetValueOrDefault(model, "");

    /// <summary>What is said of a model's field; empty for nothing.</summary>
    public string Of(string model, string field)
    {
        // Names that are no identifiers or are words of the language have become others: $ref, x-kubernetes-list-type, namespace.
        var name = field.TrimStart('$').Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        return _summaries.GetValueOrDefault($"{model}.{name}")
            ?? _summaries.GetValueOrDefault($"{model}.{name}Property")
            ?? _summaries.GetValueOrDefault($"{model}.{name}Value", "");
    }

    private static string Name(string member) =>
        member.StartsWith(TypePrefix, StringComparison.Ordinal) ? member[TypePrefix.Length..]
        : member.StartsWith(PropertyPrefix, StringComparison.Ordinal) ? member[PropertyPrefix.Length..]
        : "";
}
