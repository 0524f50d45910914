using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;

namespace Kybernet.Scheduler.Tests;

/// <summary>Makes pods and nodes from little JSON.</summary>
internal static class Objects
{
    /// <summary>A pod with one container that asks for 100m and 128Mi, unless the spec says otherwise.</summary>
    public static Pod Pod(string name, string spec = "{}", string labels = "{}", string status = "{}", string @namespace = "default")
    {
        var fields = JsonNode.Parse(spec)!.AsObject();
        if (!fields.ContainsKey("containers"))
        {
            fields["containers"] = JsonNode.Parse("""[{"name":"c","image":"app:1","resources":{"requests":{"cpu":"100m","memory":"128Mi"}}}]""");
        }
        return ModelJson.Parse<Pod>(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = @namespace,
                ["uid"] = "uid-" + name,
                ["generation"] = 1,
                ["labels"] = JsonNode.Parse(labels),
            },
            ["spec"] = fields,
            ["status"] = JsonNode.Parse(status),
        });
    }

    /// <summary>A node of 4 cores, 8Gi and 110 pods, unless the allocatable resources say otherwise.</summary>
    public static Node Node(string name, string allocatable = "{}", string labels = "{}", string spec = "{}", string images = "[]")
    {
        var resources = JsonNode.Parse("""{"cpu":"4","memory":"8Gi","ephemeral-storage":"20Gi","pods":"110"}""")!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(allocatable)!.AsObject())
        {
            resources[key] = value?.DeepClone();
        }
        var allLabels = JsonNode.Parse(labels)!.AsObject();
        allLabels["kubernetes.io/hostname"] = name;
        return ModelJson.Parse<Node>(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = "uid-" + name, ["labels"] = allLabels },
            ["spec"] = JsonNode.Parse(spec),
            ["status"] = new JsonObject { ["allocatable"] = resources, ["images"] = JsonNode.Parse(images) },
        });
    }
}
