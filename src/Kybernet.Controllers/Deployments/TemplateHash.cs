using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;

namespace Kybernet.Controllers.Deployments;

/// <summary>Tells pod templates apart.</summary>
internal static class TemplateHash
{
    // Without vowels and what looks alike, so that no name spells a word.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>A short name for a template: the same for the same template, whatever the order of its fields, and another for each collision.</summary>
    public static string Of(PodTemplateSpec template, int? collisions)
    {
        var text = new StringBuilder();
        AppendCanonical(text, ModelJson.ToTree(template));
        if (collisions is { } count)
        {
            text.Append(CultureInfo.InvariantCulture, $"#{count}");
        }
        var hash = Fnv32a(Encoding.UTF8.GetBytes(text.ToString())).ToString(CultureInfo.InvariantCulture);
        return string.Create(hash.Length, hash, static (name, digits) =>
        {
            for (var i = 0; i < digits.Length; i++)
            {
                name[i] = Alphabet[digits[i] % Alphabet.Length];
            }
        });
    }

    /// <summary>Whether two templates describe the same pods; the label that this class's hash goes into does not count.</summary>
    public static bool Same(PodTemplateSpec left, PodTemplateSpec right) =>
        JsonNode.DeepEquals(ModelJson.ToTree(WithoutHash(left)), ModelJson.ToTree(WithoutHash(right)));

    private static PodTemplateSpec WithoutHash(PodTemplateSpec template)
    {
        if (!template.Metadata.Labels.ContainsKey(DeploymentNames.PodTemplateHash))
        {
            return template;
        }
        var labels = new Dictionary<string, string>(template.Metadata.Labels, StringComparer.Ordinal);
        labels.Remove(DeploymentNames.PodTemplateHash);
        return template with { Metadata = template.Metadata with { Labels = labels } };
    }

    private static void AppendCanonical(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                text.Append('{');
                foreach (var (name, value) in fields.OrderBy(static field => field.Key, StringComparer.Ordinal))
                {
                    text.Append(name).Append(':');
                    AppendCanonical(text, value);
                    text.Append(',');
                }
                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                foreach (var item in items)
                {
                    AppendCanonical(text, item);
                    text.Append(',');
                }
                text.Append(']');
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }

    private static uint Fnv32a(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261u;
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * 16777619u;
        }
        return hash;
    }
}
