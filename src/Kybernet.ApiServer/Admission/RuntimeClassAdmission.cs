using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Node.V1;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Storage;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission;

/// <summary>Turns pods of an unknown RuntimeClass away, and gives the others what their class costs and where it can run.</summary>
internal sealed class RuntimeClassAdmission(StoreFollower follower) : AdmissionPlugin
{
    private static readonly GroupResource Classes = new("node.k8s.io", "runtimeclasses");

    private readonly ResourceCache _classes = follower.Cache(Classes);

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation == AdmissionOperation.Create && resource is { Group: "", Resource: "pods" } && subresource.Length == 0;

    /// <inheritdoc/>
    protected override void Mutate(AdmissionRequest request)
    {
        if (request.Object?.Object("spec") is not { } spec || Require(request, spec) is not { } runtimeClass)
        {
            return;
        }
        if (runtimeClass.Overhead is { } overhead)
        {
            var fixedPart = ModelJson.ToTree(overhead)["podFixed"] ?? new JsonObject();
            if (spec["overhead"] is { } given && !AreSame(given, overhead))
            {
                throw Rejected(request, "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
            }
            spec["overhead"] = fixedPart.DeepClone();
            request.IsChanged = true;
        }
        if (runtimeClass.Scheduling is { } scheduling)
        {
            AddNodeSelector(request, spec, scheduling);
            AddTolerations(spec, scheduling);
            request.IsChanged = true;
        }
    }

    /// <inheritdoc/>
    protected override void Validate(AdmissionRequest request)
    {
        if (request.Object?.Object("spec") is not { } spec)
        {
            return;
        }
        if (Require(request, spec)?.Overhead is { } overhead)
        {
            if (spec["overhead"] is not { } given || !AreSame(given, overhead))
            {
                throw Rejected(request, "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
            }
        }
        else if (spec.Object("overhead") is { Count: > 0 })
        {
            throw Rejected(request, "Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }
    }

    private RuntimeClass? Require(AdmissionRequest request, JsonObject spec)
    {
        if (spec.Text("runtimeClassName") is not { } name)
        {
            return null;
        }
        return _classes.Find("", name)?.As<RuntimeClass>() ?? throw Rejected(request, $"RuntimeClass \"{name}\" not found");
    }

    private static bool AreSame(JsonNode given, Overhead overhead)
    {
        var own = ModelJson.Parse<Overhead>(new JsonObject { ["podFixed"] = given.DeepClone() }).PodFixed;
        return own.Count == overhead.PodFixed.Count
            && own.All(amount => overhead.PodFixed.TryGetValue(amount.Key, out var other) && other.CompareTo(amount.Value) == 0);
    }

    private static void AddNodeSelector(AdmissionRequest request, JsonObject spec, Scheduling scheduling)
    {
        if (scheduling.NodeSelector.Count == 0)
        {
            return;
        }
        var selector = spec.EnsureObject("nodeSelector");
        foreach (var (key, value) in scheduling.NodeSelector)
        {
            if (selector.Text(key) is { } own && own != value)
            {
                throw Forbidden(
                    request,
                    $"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {own}");
            }
            selector[key] = value;
        }
    }

    // Of two tolerations one of which covers the other, the wider one is enough.
    private static void AddTolerations(JsonObject spec, Scheduling scheduling)
    {
        if (scheduling.Tolerations.Count == 0)
        {
            return;
        }
        var all = spec.Objects("tolerations").Select(ModelJson.Parse<Toleration>).Concat(scheduling.Tolerations).ToArray();
        var merged = new JsonArray();
        for (var i = 0; i < all.Length; i++)
        {
            var isCovered = false;
            for (var j = 0; j < all.Length && !isCovered; j++)
            {
                isCovered = i != j && Covers(all[j], all[i]) && !(i < j && Covers(all[i], all[j]));
            }
            if (!isCovered)
            {
                merged.Add((JsonNode)ModelJson.ToTree(all[i]));
            }
        }
        spec["tolerations"] = merged;
    }

    private static bool Covers(Toleration wide, Toleration narrow)
    {
        if (wide.Key is { Length: > 0 } key && (key != narrow.Key || wide.Operator is "Lt" or "Gt" != narrow.Operator is "Lt" or "Gt"))
        {
            return false;
        }
        if (wide.Effect is { Length: > 0 } effect && effect != narrow.Effect)
        {
            return false;
        }
        if (wide.Effect == "NoExecute" && wide.TolerationSeconds is { } seconds && (narrow.TolerationSeconds is not { } others || others > seconds))
        {
            return false;
        }
        return wide.Operator switch
        {
            "Exists" => true,
            null or "" or "Equal" => narrow.Operator is null or "" or "Equal" && (wide.Value ?? "") == (narrow.Value ?? ""),
            var own => own == narrow.Operator && wide.Value == narrow.Value,
        };
    }

    private static ApiError Rejected(AdmissionRequest request, string why) => Forbidden(request, $"pod rejected: {why}");

    private static ApiError Forbidden(AdmissionRequest request, string message) =>
        ApiError.Forbidden(request.Resource.GroupResource, request.Name, message);
}
