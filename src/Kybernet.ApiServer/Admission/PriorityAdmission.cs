using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Scheduling.V1;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission;

/// <summary>Gives every pod the number that its PriorityClass stands for; without a class, that of the global default, or 0.</summary>
internal sealed class PriorityAdmission(StoreFollower follower) : AdmissionPlugin
{
    private static readonly GroupResource Classes = new("scheduling.k8s.io", "priorityclasses");

    private readonly ResourceCache _classes = follower.Cache(Classes);

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation == AdmissionOperation.Create && resource is { Group: "", Resource: "pods" } && subresource.Length == 0;

    /// <inheritdoc/>
    protected override void Mutate(AdmissionRequest request)
    {
        if (request.Object?["spec"] is not JsonObject spec)
        {
            return;
        }
        var name = (string?)spec["priorityClassName"] ?? "";
        var found = name.Length > 0 ? Require(request, name) : GlobalDefault();
        var priority = found?.Value ?? 0;
        if (spec["priority"] is { } given && (int?)given != priority)
        {
            throw ApiError.Forbidden(
                request.Resource.GroupResource,
                request.Name,
                $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name");
        }
        spec["priority"] = priority;
        request.IsChanged = true;
        if (found?.Metadata.Name is { } className)
        {
            spec["priorityClassName"] = className;
        }
        spec["preemptionPolicy"] ??= found?.PreemptionPolicy ?? "PreemptLowerPriority";
    }

    private PriorityClass Require(AdmissionRequest request, string name) =>
        _classes.Find("", name)?.As<PriorityClass>()
        ?? throw ApiError.Forbidden(request.Resource.GroupResource, request.Name, $"no PriorityClass with name {name} was found");

    private PriorityClass? GlobalDefault()
    {
        PriorityClass? lowest = null;
        foreach (var (_, item) in _classes.Snapshot.Items)
        {
            var candidate = item.As<PriorityClass>();
            if (candidate.GlobalDefault == true && (lowest is null || candidate.Value < lowest.Value))
            {
                lowest = candidate;
            }
        }
        return lowest;
    }
}
