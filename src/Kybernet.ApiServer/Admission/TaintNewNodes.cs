using System.Text.Json.Nodes;
using Kybernet.Api;

namespace Kybernet.ApiServer.Admission;

/// <summary>Keeps pods off a node that has just registered, until the node lifecycle controller has seen it ready (upstream's TaintNodesByCondition).</summary>
internal sealed class TaintNewNodes : AdmissionPlugin
{
    private const string NotReady = "node.kubernetes.io/not-ready";

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation == AdmissionOperation.Create && resource is { Group: "", Resource: "nodes" };

    /// <inheritdoc/>
    protected override void Mutate(AdmissionRequest request)
    {
        var spec = request.Object!["spec"] as JsonObject ?? [];
        request.Object["spec"] = spec;
        var taints = spec["taints"] as JsonArray ?? [];
        if (!taints.Any(taint => (string?)taint?["key"] == NotReady && (string?)taint["effect"] == "NoSchedule"))
        {
            taints.Add((JsonNode)new JsonObject { ["key"] = NotReady, ["effect"] = "NoSchedule" });
            spec["taints"] = taints;
            request.IsChanged = true;
        }
    }
}
