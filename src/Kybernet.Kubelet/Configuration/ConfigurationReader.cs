using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Yaml;

namespace Kybernet.Kubelet.Configuration;

/// <summary>Reads a file with a KubeletConfiguration.</summary>
public static class ConfigurationReader
{
    private const string ApiVersion = "kubelet.config.k8s.io/v1beta1";
    private const string Kind = "KubeletConfiguration";

    /// <summary>The options with what a text says.</summary>
    /// <exception cref="FormatException">It is no such configuration, or has a field that this kubelet does not know or a value that the field does not take.</exception>
    public static KubeletOptions Apply(KubeletOptions options, string text)
    {
        if (YamlReader.Read(text) is not JsonObject root)
        {
            throw new FormatException("it is empty");
        }
        if ((string?)root["apiVersion"] != ApiVersion || (string?)root["kind"] != Kind)
        {
            throw new FormatException($"no kind \"{root["kind"]}\" is registered for version \"{root["apiVersion"]}\": it has to be {Kind} of {ApiVersion}");
        }
        var unknown = new List<string>();
        foreach (var (path, value) in Leaves(root, ""))
        {
            if (path is "apiVersion" or "kind")
            {
                continue;
            }
            if (ConfigurationFields.All.FirstOrDefault(field => field.Path == path) is not { } known)
            {
                unknown.Add($"unknown field \"{path}\"");
                continue;
            }
            options = Set(options, known, value);
        }
        return unknown.Count == 0 ? options : throw new FormatException($"strict decoding error: {string.Join(", ", unknown)}");
    }

    /// <summary>The options with one field as a flag gives it.</summary>
    /// <param name="options">The options before.</param>
    /// <param name="path">The field, with a dot a level.</param>
    /// <param name="text">The flag's value: a list is separated by commas, and in a map each name has its value after an equals sign.</param>
    /// <exception cref="FormatException">The field does not take the value.</exception>
    public static KubeletOptions Apply(KubeletOptions options, string path, string text)
    {
        var field = ConfigurationFields.All.First(field => field.Path == path);
        var value = field.Get(options) is JsonArray ? new JsonArray([.. text.Split(',').Select(static item => JsonValue.Create(item))])
            : field.Get(options) is JsonObject ? new JsonObject(text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Entry))
            : field.Get(options) is JsonValue known && known.GetValueKind() is not JsonValueKind.String ? YamlReader.Read(text)
            : JsonValue.Create(text);
        return Set(options, field, value!);
    }

    /// <summary>Refuses options that make no sense together, once all of them are known.</summary>
    /// <exception cref="FormatException">Some do not.</exception>
    public static void Check(KubeletOptions options) => ConfigurationCheck.Run(options);

    // "cpu=500m", or with "<" what there may not be less of.
    private static KeyValuePair<string, JsonNode?> Entry(string text) => text.Split(['=', '<'], 2) is [var name, var value]
        ? KeyValuePair.Create(name, (JsonNode?)JsonValue.Create(value))
        : throw new FormatException($"\"{text}\" is no name with a value");

    private static KubeletOptions Set(KubeletOptions options, ConfigurationField field, JsonNode value)
    {
        try
        {
            return field.Set(options, value);
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException or JsonException)
        {
            throw new FormatException($"{field.Path}: invalid value {value.ToJsonString()}: {exception.Message}", exception);
        }
    }

    // A field of the table ends the path: what is below it is its value.
    private static IEnumerable<(string Path, JsonNode Value)> Leaves(JsonObject tree, string prefix)
    {
        foreach (var (name, value) in tree)
        {
            var path = prefix + name;
            if (value is JsonObject inner && ConfigurationFields.All.Any(field => field.Path.StartsWith(path + ".", StringComparison.Ordinal)))
            {
                foreach (var leaf in Leaves(inner, path + "."))
                {
                    yield return leaf;
                }
            }
            else if (value is not null)
            {
                yield return (path, value);
            }
        }
    }
}
