using System.Globalization;
using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Tests.Admission.PodSecurity;

/// <summary>Makes pods out of one that is as restricted as can be.</summary>
internal static class Pods
{
    private const string Restricted = """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{
          "securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},
          "containers":[{"name":"a","image":"a","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}},
                        {"name":"b","image":"b","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}
        """;

    /// <summary>Such a pod with some fields that are otherwise.</summary>
    /// <param name="changes">As in <c>spec|containers|0|image="x"; spec|hostNetwork=true</c>: a value is JSON, and null takes the field away.</param>
    public static JsonObject Changed(string changes)
    {
        var pod = JsonNode.Parse(Restricted)!.AsObject();
        foreach (var change in changes.Split("; ", StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = change.IndexOf('=', StringComparison.Ordinal);
            Set(pod, change[..equals].Split('|'), JsonNode.Parse(change[(equals + 1)..]));
        }
        return pod;
    }

    private static void Set(JsonNode node, string[] path, JsonNode? value)
    {
        foreach (var part in path[..^1])
        {
            node = node is JsonArray list ? list[int.Parse(part, CultureInfo.InvariantCulture)]! : node[part] ?? (node[part] = new JsonObject());
        }
        if (value is null)
        {
            node.AsObject().Remove(path[^1]);
        }
        else
        {
            node[path[^1]] = value;
        }
    }
}
