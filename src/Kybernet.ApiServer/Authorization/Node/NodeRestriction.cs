using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Authentication.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Admission;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authorization.Node;

/// <summary>Keeps a kubelet's writes to its own node and to the pods on it: upstream's NodeRestriction admission plugin.</summary>
/// <param name="feeds">Where pods are looked up.</param>
public sealed class NodeRestriction(IObjectFeeds feeds) : IAdmissionPlugin
{
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";

    private readonly IObjectFeed _pods = feeds.Of(RbacResources.Pods);

    /// <inheritdoc />
    public bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) => (resource.Group, resource.Resource) switch
    {
        ("", "pods" or "nodes") => operation != AdmissionOperation.Connect,
        ("", "serviceaccounts") => subresource == "token",
        ("coordination.k8s.io", "leases") or ("storage.k8s.io", "csinodes") => operation != AdmissionOperation.Connect,
        _ => false,
    };

    /// <inheritdoc />
    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc />
    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!NodeIdentity.IsNode(request.User, out var node))
        {
            return ValueTask.CompletedTask;
        }
        if (node.Length == 0)
        {
            throw Refuse(request, $"could not determine node identity from user {GoText.Quote(request.User.Name)}");
        }
        switch (request.Resource.Resource)
        {
            case "pods":
                CheckPod(request, node);
                break;
            case "nodes":
                CheckNode(request, node);
                break;
            case "serviceaccounts":
                CheckToken(request, node);
                break;
            case "leases":
                CheckOwn(request, node, "lease");
                break;
            default:
                CheckOwn(request, node, "CSINode");
                break;
        }
        return ValueTask.CompletedTask;
    }

    private void CheckPod(AdmissionRequest request, string node)
    {
        switch (request.Subresource)
        {
            case "" when request.Operation == AdmissionOperation.Create:
                CheckMirrorPod(request, ModelJson.Parse<Pod>(request.Object!), node);
                return;
            case "" when request.Operation == AdmissionOperation.Delete:
                if (PodOf(request) is { } deleted && deleted.Spec.NodeName != node)
                {
                    throw Refuse(request, $"node {GoText.Quote(node)} can only delete pods with spec.nodeName set to itself");
                }
                return;
            case "status":
                if (PodOf(request) is { } pod && pod.Spec.NodeName != node)
                {
                    throw Refuse(request, $"node {GoText.Quote(node)} can only update pod status for pods with spec.nodeName set to itself");
                }
                RequireSameLabels(request);
                return;
            case "eviction":
                if (PodOf(request) is { } evicted && evicted.Spec.NodeName != node)
                {
                    throw Refuse(request, $"node {GoText.Quote(node)} can only evict pods with spec.nodeName set to itself");
                }
                return;
            default:
                throw Refuse(request, request.Subresource.Length == 0
                    ? $"unexpected operation {GoText.Quote(request.Operation.ToString().ToUpperInvariant())}, node {GoText.Quote(node)} can only create and delete mirror pods"
                    : $"unexpected pod subresource {GoText.Quote(request.Subresource)}, only 'status' and 'eviction' are allowed");
        }
    }

    private static void CheckMirrorPod(AdmissionRequest request, Pod pod, string node)
    {
        var who = GoText.Quote(node);
        if (!pod.Metadata.Annotations.ContainsKey(MirrorAnnotation))
        {
            throw Refuse(request, $"pod does not have {GoText.Quote(MirrorAnnotation)} annotation, node {who} can only create mirror pods");
        }
        if (pod.Spec.NodeName != node)
        {
            throw Refuse(request, $"node {who} can only create pods with spec.nodeName set to itself");
        }
        if (pod.Metadata.OwnerReferences is not [{ ApiVersion: "v1", Kind: "Node" } owner] || owner.Name != node)
        {
            throw Refuse(request, $"node {who} can only create pods with an owner reference set to itself");
        }
        if (pod.Spec.ServiceAccountName is { Length: > 0 })
        {
            throw Refuse(request, $"node {who} can not create pods that reference a service account");
        }
        if (PodReferences.Of(pod).Any(reference => reference.Resource is not PodReferences.Pods))
        {
            throw Refuse(request, $"node {who} can not create pods that reference secrets, configmaps or persistentvolumeclaims");
        }
    }

    private Pod? PodOf(AdmissionRequest request) => (request.Previous ?? _pods.Find(request.Namespace, request.Name))?.As<Pod>();

    private static void RequireSameLabels(AdmissionRequest request)
    {
        if (request.Previous is { } previous && LabelsOf(request.Object!) is { } labels && !Same(labels, previous.Header.Labels))
        {
            throw Refuse(request, "node cannot update labels through pod status");
        }
    }

    private static Dictionary<string, string> LabelsOf(JsonObject item) =>
        (item["metadata"]?["labels"] as JsonObject)?.ToDictionary(label => label.Key, label => label.Value?.ToString() ?? "") ?? [];

    private static bool Same(Dictionary<string, string> left, IReadOnlyDictionary<string, string> right) =>
        left.Count == right.Count && left.All(label => right.TryGetValue(label.Key, out var value) && value == label.Value);

    private static void CheckNode(AdmissionRequest request, string node)
    {
        var who = GoText.Quote(node);
        var name = request.Name.Length > 0 ? request.Name : request.Object?["metadata"]?["name"]?.ToString() ?? "";
        if (name != node)
        {
            throw Refuse(request, $"node {who} is not allowed to modify node {GoText.Quote(name)}");
        }
        if (request.Operation == AdmissionOperation.Delete)
        {
            throw Refuse(request, $"node {who} is not allowed to delete itself");
        }
        var item = ModelJson.Parse<Api.Core.V1.Node>(request.Object!);
        var previous = request.Previous?.As<Api.Core.V1.Node>();
        if (previous is not null && !SameTaints(item, previous))
        {
            throw Refuse(request, $"node {who} is not allowed to modify taints");
        }
        if (previous is null && item.Spec.ConfigSource is not null)
        {
            throw Refuse(request, $"node {who} is not allowed to create pods with a non-nil configSource");
        }
        var forbidden = NodeLabels.ChangedAndRestricted(item.Metadata.Labels, previous?.Metadata.Labels);
        if (forbidden.Count > 0)
        {
            throw Refuse(request, $"is not allowed to modify labels: {string.Join(", ", forbidden)}");
        }
    }

    private static bool SameTaints(Api.Core.V1.Node left, Api.Core.V1.Node right) =>
        left.Spec.Taints.Count == right.Spec.Taints.Count
        && left.Spec.Taints.Zip(right.Spec.Taints).All(pair => ModelJson.Same(pair.First, pair.Second));

    private void CheckToken(AdmissionRequest request, string node)
    {
        var who = GoText.Quote(node);
        if (ModelJson.Parse<TokenRequest>(request.Object!).Spec.BoundObjectRef is not { ApiVersion: "v1", Kind: "Pod", Name: { } name } reference)
        {
            throw Refuse(request, $"node {who} can only create tokens bound to a pod");
        }
        if (string.IsNullOrEmpty(reference.Uid))
        {
            throw Refuse(request, "node requested token with a pod binding without a uid");
        }
        var pod = _pods.Find(request.Namespace, name)?.As<Pod>() ?? throw ApiError.NotFound(RbacResources.Pods, name);
        if (pod.Metadata.Uid != reference.Uid)
        {
            throw Refuse(request, $"the UID in the bound object reference ({reference.Uid}) does not match the UID in record. The object might have been deleted and then recreated");
        }
        if (pod.Spec.NodeName != node)
        {
            throw Refuse(request, "node requested token bound to a pod scheduled on a different node");
        }
    }

    private static void CheckOwn(AdmissionRequest request, string node, string what)
    {
        var name = request.Name.Length > 0 ? request.Name : request.Object?["metadata"]?["name"]?.ToString() ?? "";
        if (what == "lease" && request.Namespace != "kube-node-lease")
        {
            throw Refuse(request, "can only access leases in the \"kube-node-lease\" system namespace");
        }
        if (name != node)
        {
            throw Refuse(request, $"can only access {(what == "lease" ? "node lease" : what)} with the same name as the requesting node");
        }
    }

    private static ApiError Refuse(AdmissionRequest request, string why) => ApiError.Forbidden(request.Resource.GroupResource, request.Name, why);
}
