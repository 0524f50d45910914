using System.Text;
using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Environment;

/// <summary>Reads the fields of a pod that its containers may refer to by path.</summary>
internal static class FieldReference
{
    /// <summary>The value at a path, as text.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="path">As in <c>metadata.labels['app']</c>.</param>
    /// <param name="addresses">The pod's and its host's addresses, known before its status says them.</param>
    /// <exception cref="ContainerConfigException">There is no such field.</exception>
    public static string Read(Pod pod, string path, PodAddresses addresses)
    {
        if (SubscriptOf(path, "metadata.labels") is { } label)
        {
            return pod.Metadata.Labels.TryGetValue(label, out var value) ? value : "";
        }
        if (SubscriptOf(path, "metadata.annotations") is { } annotation)
        {
            return pod.Metadata.Annotations.TryGetValue(annotation, out var value) ? value : "";
        }
        return path switch
        {
            "metadata.name" => pod.Metadata.Name ?? "",
            "metadata.namespace" => pod.Metadata.Namespace ?? "",
            "metadata.uid" => pod.Metadata.Uid ?? "",
            "metadata.labels" => FormatMap(pod.Metadata.Labels),
            "metadata.annotations" => FormatMap(pod.Metadata.Annotations),
            "spec.nodeName" => pod.Spec.NodeName ?? "",
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "",
            "status.podIP" => addresses.Pod.Count > 0 ? addresses.Pod[0] : "",
            "status.podIPs" => string.Join(',', addresses.Pod),
            "status.hostIP" => addresses.Host.Count > 0 ? addresses.Host[0] : "",
            "status.hostIPs" => string.Join(',', addresses.Host),
            _ => throw new ContainerConfigException($"unsupported fieldPath: {path}"),
        };
    }

    private static string? SubscriptOf(string path, string field) =>
        path.StartsWith(field + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(field.Length + 2)..^2] : null;

    // A line a key, in their order, values quoted as Go quotes them.
    private static string FormatMap(IReadOnlyDictionary<string, string> map)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in map.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            text.Append(key).Append("=\"");
            AppendQuoted(text, value);
            text.Append("\"\n");
        }
        return text.ToString();
    }

    private static void AppendQuoted(StringBuilder text, string value)
    {
        foreach (var character in value)
        {
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\t' => text.Append("\\t"),
                '\r' => text.Append("\\r"),
                < ' ' or '\x7f' => text.Append($"\\x{(int)character:x2}"),
                _ => text.Append(character),
            };
        }
    }
}
