using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission.Limits;

/// <summary>Gives containers the requests and limits that their namespace's LimitRanges have for those that say none, and holds pods and claims to their bounds.</summary>
internal sealed class LimitRanger(StoreFollower follower) : AdmissionPlugin
{
    private const string Annotation = "kubernetes.io/limit-ranger";

    private readonly ResourceCache _ranges = follower.Cache(new GroupResource("", "limitranges"));

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        _ranges.Snapshot.Items.Count > 0 && (operation, resource.Group, resource.Resource, subresource) is
            (AdmissionOperation.Create, "", "pods", "")
            or (AdmissionOperation.Update, "", "pods", "resize")
            or (AdmissionOperation.Create or AdmissionOperation.Update, "", "persistentvolumeclaims", "");

    /// <inheritdoc/>
    protected override void Mutate(AdmissionRequest request)
    {
        if (request is not { Operation: AdmissionOperation.Create, Resource.Resource: "pods", Object: { } pod } || pod["spec"] is not JsonObject spec)
        {
            return;
        }
        var set = new List<string>();
        foreach (var limit in Of(request).Where(static limit => limit.Type == "Container"))
        {
            Fill(spec, "containers", "container", limit, set);
            Fill(spec, "initContainers", "init container", limit, set);
        }
        if (set.Count == 0)
        {
            return;
        }
        var metadata = pod["metadata"]!.AsObject();
        var annotations = metadata["annotations"] as JsonObject ?? [];
        annotations[Annotation] = "LimitRanger plugin set: " + string.Join("; ", set);
        metadata["annotations"] ??= annotations;
        request.IsChanged = true;
    }

    /// <inheritdoc/>
    protected override void Validate(AdmissionRequest request)
    {
        if (request.Object is not { } item)
        {
            return;
        }
        var problems = new List<string>();
        if (request.Resource.Resource == "pods")
        {
            LimitBounds.CheckPod(Of(request), ModelJson.Parse<Pod>(item).Spec, problems);
        }
        else
        {
            LimitBounds.CheckClaim(Of(request), ModelJson.Parse<PersistentVolumeClaim>(item).Spec.Resources?.Requests, problems);
        }
        if (problems.Count > 0)
        {
            throw ApiError.Forbidden(request.Resource.GroupResource, request.Name, problems.Count == 1 ? problems[0] : $"[{string.Join(", ", problems)}]");
        }
    }

    private IEnumerable<LimitRangeItem> Of(AdmissionRequest request)
    {
        foreach (var (_, range) in _ranges.Snapshot.Items)
        {
            if (range.Header.Namespace == request.Namespace)
            {
                foreach (var limit in range.As<LimitRange>().Spec.Limits)
                {
                    yield return limit;
                }
            }
        }
    }

    private static void Fill(JsonObject spec, string list, string kind, LimitRangeItem limit, List<string> set)
    {
        foreach (var container in (spec[list] as JsonArray ?? []).OfType<JsonObject>())
        {
            var name = JsonValues.Text(container["name"]);
            Fill(container, "requests", limit.DefaultRequest, $"request for {kind} {name}", set);
            Fill(container, "limits", limit.Default, $"limit for {kind} {name}", set);
        }
    }

    private static void Fill(JsonObject container, string part, IReadOnlyDictionary<string, Quantity> defaults, string what, List<string> set)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (name, quantity) in defaults)
        {
            var resources = container["resources"] as JsonObject;
            if (resources?[part]?[name] is null)
            {
                container["resources"] ??= resources = [];
                resources![part] ??= new JsonObject();
                resources[part]![name] = quantity.ToString();
                names.Add(name);
            }
        }
        if (names.Count > 0)
        {
            set.Add($"{string.Join(", ", names)} {what}");
        }
    }
}
