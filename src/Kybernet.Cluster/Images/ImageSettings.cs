using System.Text.Json.Nodes;

namespace Kybernet.Cluster.Images;

/// <summary>What <c>image.json</c> says about an image beside its file system. Every field may be absent.</summary>
internal sealed record ImageSettings
{
    /// <summary>Files of this machine to copy in: path in the image to path here.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Symbolic links: target to the paths that link to it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Links { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Empty directories: path to mode.</summary>
    public IReadOnlyDictionary<string, UnixFileMode> Directories { get; init; } = new Dictionary<string, UnixFileMode>();

    /// <summary>What runs, and what a pod's <c>command</c> replaces.</summary>
    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    /// <summary>The entrypoint's arguments, and what a pod's <c>args</c> replaces.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The user, by name or id, with or without a group; empty for root.</summary>
    public string User { get; init; } = "";

    /// <summary>Where it runs; empty for <c>/</c>.</summary>
    public string WorkingDirectory { get; init; } = "";

    /// <summary>Ports that it listens on, <c>8080/tcp</c>.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>The image's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads a settings file.</summary>
    /// <exception cref="ClusterException">It is no JSON object, a field is unknown or has the wrong type.</exception>
    public static ImageSettings Read(string path)
    {
        try
        {
            var root = JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject ?? throw new FormatException("is not a JSON object");
            return root.Aggregate(new ImageSettings(), static (settings, field) => settings.With(field.Key, field.Value));
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or FormatException or InvalidOperationException)
        {
            throw new ClusterException($"{path}: {e.Message}", e);
        }
    }

    private ImageSettings With(string field, JsonNode? value) => field switch
    {
        "files" => this with { Files = Map(field, value, Text) },
        "links" => this with { Links = Map(field, value, List) },
        "directories" => this with { Directories = Map(field, value, Mode) },
        "entrypoint" => this with { Entrypoint = List(field, value) },
        "command" => this with { Command = List(field, value) },
        "environment" => this with { Environment = Map(field, value, Text) },
        "user" => this with { User = Text(field, value) },
        "workingDirectory" => this with { WorkingDirectory = Text(field, value) },
        "ports" => this with { Ports = List(field, value) },
        "labels" => this with { Labels = Map(field, value, Text) },
        _ => throw new FormatException($"unknown field \"{field}\""),
    };

    private static string Text(string field, JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : throw new FormatException($"\"{field}\" must be a string");

    private static IReadOnlyList<string> List(string field, JsonNode? node) =>
        node is JsonArray items
            ? [.. items.Select(item => Text(field, item))]
            : throw new FormatException($"\"{field}\" must be a list of strings");

    private static UnixFileMode Mode(string field, JsonNode? node)
    {
        try
        {
            return (UnixFileMode)Convert.ToInt32(Text(field, node), 8);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            throw new FormatException($"\"{field}\" must be an octal mode, as \"0755\"", e);
        }
    }

    private static Dictionary<string, T> Map<T>(string field, JsonNode? node, Func<string, JsonNode?, T> read) =>
        node is JsonObject items
            ? items.ToDictionary(item => item.Key, item => read($"{field}.{item.Key}", item.Value))
            : throw new FormatException($"\"{field}\" must be an object");
}
