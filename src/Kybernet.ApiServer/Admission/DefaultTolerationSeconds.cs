using System.Text.Json.Nodes;
using Kybernet.Api;

namespace Kybernet.ApiServer.Admission;

/// <summary>Lets every pod stay five minutes on a node that is not ready or not reachable, unless it says otherwise.</summary>
internal sealed class DefaultTolerationSeconds : AdmissionPlugin
{
    private const int Seconds = 300;

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation is AdmissionOperation.Create or AdmissionOperation.Update && resource is { Group: "", Resource: "pods" } && subresource.Length == 0;

    /// <inheritdoc/>
    protected override void Mutate(AdmissionRequest request)
    {
        if (request.Object?["spec"] is not JsonObject spec)
        {
            return;
        }
        foreach (var taint in (ReadOnlySpan<string>)["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            if (spec["tolerations"] is JsonArray existing && existing.Any(toleration => Tolerates(toleration, taint)))
            {
                continue;
            }
            var tolerations = spec["tolerations"] as JsonArray ?? [];
            tolerations.Add((JsonNode)new JsonObject
            {
                ["key"] = taint,
                ["operator"] = "Exists",
                ["effect"] = "NoExecute",
                ["tolerationSeconds"] = Seconds,
            });
            spec["tolerations"] = tolerations;
            request.IsChanged = true;
        }
    }

    private static bool Tolerates(JsonNode? toleration, string taint) =>
        (string?)toleration?["key"] is var key && (key is null or "" || key == taint)
        && (string?)toleration?["effect"] is null or "" or "NoExecute";
}
