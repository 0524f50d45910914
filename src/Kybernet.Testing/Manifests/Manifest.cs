using System.Text.Json.Nodes;
using Kybernet.Api.Yaml;

namespace Kybernet.Testing.Manifests;

/// <summary>One object of a manifest, and where it is from.</summary>
internal sealed record Manifest(JsonObject Object, string Source)
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    public string ApiVersion => Text("apiVersion");

    public string Kind => Text("kind");

    public string Name => Object["metadata"]?["name"]?.GetValue<string>() ?? "";

    public string Namespace => Object["metadata"]?["namespace"]?.GetValue<string>() ?? "";

    /// <summary>Whether others may be made of what it defines.</summary>
    public bool IsDefinition => Kind == "CustomResourceDefinition" && ApiVersion.StartsWith("apiextensions.k8s.io/", StringComparison.Ordinal);

    /// <summary>Reads the objects of a text.</summary>
    /// <param name="text">YAML or JSON, of one document or several.</param>
    /// <param name="source">What to call it in a complaint.</param>
    /// <exception cref="ManifestException">It is no such thing, or one of them has no kind or name.</exception>
    public static IReadOnlyList<Manifest> Parse(string text, string source)
    {
        IReadOnlyList<JsonNode> documents;
        try
        {
            documents = YamlReader.ReadAll(text);
        }
        catch (YamlFormatException exception)
        {
            throw new ManifestException($"{source}: {exception.Message}", exception);
        }
        var manifests = new List<Manifest>();
        foreach (var document in documents)
        {
            var item = document as JsonObject ?? throw new ManifestException($"{source}: a document is no object");
            if (item["kind"]?.GetValue<string>() is { } kind && kind.EndsWith("List", StringComparison.Ordinal) && item["items"] is JsonArray items)
            {
                manifests.AddRange(items.OfType<JsonObject>().Select(entry => new Manifest((JsonObject)entry.DeepClone(), source)));
                continue;
            }
            manifests.Add(new Manifest(item, source));
        }
        foreach (var manifest in manifests)
        {
            manifest.Check();
        }
        return manifests;
    }

    /// <summary>Reads a file, or every <c>.yaml</c>, <c>.yml</c> and <c>.json</c> file under a folder, by name.</summary>
    /// <exception cref="ManifestException">There is none, or one cannot be read.</exception>
    public static async Task<IReadOnlyList<Manifest>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        string[] files = Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(file => Extensions.Contains(Path.GetExtension(file))).Order(StringComparer.Ordinal)]
            : File.Exists(path) ? [path] : throw new ManifestException($"there is no file or folder {Path.GetFullPath(path)}: does the project copy it to its output?");
        if (files.Length == 0)
        {
            throw new ManifestException($"the folder {Path.GetFullPath(path)} has no .yaml, .yml or .json file");
        }
        var manifests = new List<Manifest>();
        foreach (var file in files)
        {
            manifests.AddRange(Parse(await File.ReadAllTextAsync(file, cancellationToken), file));
        }
        return manifests;
    }

    private void Check()
    {
        if (ApiVersion.Length == 0 || Kind.Length == 0 || Name.Length == 0)
        {
            throw new ManifestException($"{Source}: an object needs apiVersion, kind and metadata.name; this one has {Object.ToJsonString()}");
        }
    }

    private string Text(string field) => Object[field]?.GetValue<string>() ?? "";
}
