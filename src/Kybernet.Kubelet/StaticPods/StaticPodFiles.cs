using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Schema;
using Kybernet.Api.Times;
using Kybernet.Api.Yaml;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.StaticPods;

/// <summary>Reads the manifests of static pods: a file a pod, as YAML or JSON, with the defaults that the API server would have given it.</summary>
internal sealed partial class StaticPodFiles(KubeletOptions options, TimeProvider time, ILogger<StaticPodFiles> logger)
{
    private const int HashLength = 32;

    private static readonly TypeSchema Schema = ResourceSchema.BuiltIn.Find(Pod.GroupVersionKind)!;

    private readonly Dictionary<string, DateTimeOffset> _seen = new(StringComparer.Ordinal);

    /// <summary>The pods that the folder has now, by their uids; null where it cannot be read. A file that is no pod's is told of and passed over.</summary>
    public Dictionary<string, Pod>? Read()
    {
        if (Files() is not { } files)
        {
            return null;
        }
        var pods = new Dictionary<string, Pod>(StringComparer.Ordinal);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            if (!Path.GetFileName(file).StartsWith('.') && TryRead(file) is { } pod)
            {
                pods[pod.Metadata.Uid!] = pod;
            }
        }
        return pods;
    }

    // The folder may go, or come, at any moment.
    private string[]? Files()
    {
        if (options.StaticPodDirectory.Length == 0)
        {
            return [];
        }
        try
        {
            return Directory.GetFiles(options.StaticPodDirectory);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(options.StaticPodDirectory, exception.Message);
            return null;
        }
    }

    private Pod? TryRead(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file), file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or SchemaDecodeException or InvalidOperationException)
        {
            LogWrong(file, exception.Message);
            return null;
        }
    }

    private Pod Parse(string text, string file)
    {
        if (YamlReader.Read(text) is not JsonObject manifest || (string?)manifest["kind"] != Pod.GroupVersionKind.Kind || (string?)manifest["apiVersion"] != "v1")
        {
            throw new FormatException("it is no v1 Pod");
        }
        var tree = SchemaDecoder.Decode(ModelJson.ToUtf8(manifest), Schema).Object;
        SchemaDefaults.Apply(tree, Schema);
        var pod = ModelJson.Parse<Pod>(tree);
        if (pod.Metadata.Name is not { Length: > 0 } name || pod.Spec.Containers.Count == 0)
        {
            throw new FormatException("a pod has a name and containers");
        }
        var hash = HashOf(tree, file);
        return pod with
        {
            Metadata = pod.Metadata with
            {
                Name = $"{name}-{options.NodeName}".ToLowerInvariant(),
                Namespace = pod.Metadata.Namespace is { Length: > 0 } own ? own : "default",
                Uid = pod.Metadata.Uid is { Length: > 0 } uid ? uid : hash,
                Annotations = new Dictionary<string, string>(pod.Metadata.Annotations, StringComparer.Ordinal)
                {
                    [StaticPodAnnotations.Source] = StaticPodAnnotations.FileSource,
                    [StaticPodAnnotations.Hash] = hash,
                    [StaticPodAnnotations.Seen] = Rfc3339.FormatMicro(SeenAt(hash)),
                },
            },
            Spec = pod.Spec with
            {
                NodeName = options.NodeName,
                // Nobody but its file may end it.
                Tolerations = [.. pod.Spec.Tolerations, new Toleration { Operator = "Exists", Effect = "NoExecute" }],
            },
            Status = new PodStatus(),
        };
    }

    private DateTimeOffset SeenAt(string hash)
    {
        if (!_seen.TryGetValue(hash, out var seen))
        {
            _seen[hash] = seen = time.GetUtcNow();
        }
        return seen;
    }

    private string HashOf(JsonObject tree, string file) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"host:{options.NodeName}\nfile:{file}\n{tree.ToJsonString()}")))[..HashLength];

    [LoggerMessage(LogLevel.Error, "Static pods stay as they are, folder {Folder} cannot be read: {Problem}")]
    private partial void LogUnreadable(string folder, string problem);

    [LoggerMessage(LogLevel.Error, "Static pod {File} is passed over: {Problem}")]
    private partial void LogWrong(string file, string problem);
}
