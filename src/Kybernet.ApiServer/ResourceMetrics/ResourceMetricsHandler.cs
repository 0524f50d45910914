using Kybernet.Api;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.ResourceMetrics;

/// <summary>
/// <c>metrics.k8s.io</c>: what nodes and pods use, as metrics-server says it. Nothing of it is stored: it is what the kubelets say, under the names and labels of
/// the nodes and pods that the server knows.
/// </summary>
internal sealed class ResourceMetricsHandler(KubeletSummaries summaries, StoreFollower follower) : ISubresourceHandler
{
    private const string Group = "metrics.k8s.io";
    private const string Version = "v1beta1";

    private static readonly GroupResource Nodes = new(Group, "nodes");
    private static readonly GroupResource Pods = new(Group, "pods");

    /// <summary>What discovery says of them.</summary>
    public static IReadOnlyList<ResourceInfo> Resources { get; } =
    [
        new ResourceInfo { Resource = new(Group, Version, "nodes"), Kind = new(Group, Version, "NodeMetrics"), Verbs = ["get", "list"] },
        new ResourceInfo { Resource = new(Group, Version, "pods"), Kind = new(Group, Version, "PodMetrics"), Namespaced = true, Verbs = ["get", "list"] },
    ];

    /// <inheritdoc/>
    public IEnumerable<(GroupResource Resource, string Subresource)> Handles => [(Nodes, ""), (Pods, "")];

    /// <inheritdoc/>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var info = request.Info;
        var resource = Resources.First(known => known.Resource.Resource == info.Resource);
        if (info.ApiVersion != Version)
        {
            throw ApiError.PathNotFound();
        }
        if (info.Verb is not ("get" or "list"))
        {
            throw ApiError.MethodNotAllowed(resource.Resource.GroupResource, info.Verb);
        }
        var objects = new List<MetricsObject>();
        foreach (var node in await summaries.ReadAsync(cancellationToken))
        {
            objects.AddRange(resource.Namespaced ? PodsOf(node) : NodeOf(node));
        }
        return BodyResponse.Json(200, info.Verb == "get" ? WriteOne(resource, info, objects) : WriteList(resource, request, objects));
    }

    private static byte[] WriteOne(ResourceInfo resource, RequestInfo info, List<MetricsObject> objects)
    {
        var found = objects.Find(one => one.Known.Key.Name == info.Name && one.Known.Key.Namespace == info.Namespace);
        return found is null
            ? throw ApiError.NotFound(new GroupResource(Group, resource.Kind.Kind.ToLowerInvariant()), StorageKey.Local(info.Namespace, info.Name))
            : Projection.Build(writer => found.Write(writer, resource.Kind));
    }

    private static byte[] WriteList(ResourceInfo resource, ApiRequest request, List<MetricsObject> objects)
    {
        var options = ListOptions.Parse(request.Query, isWatch: false);
        var labels = SelectionParser.ParseLabels(options.LabelSelector);
        var fields = SelectionParser.ParseFields(options.FieldSelector);
        var chosen = objects
            .Where(one => (request.Info.Namespace.Length == 0 || one.Known.Key.Namespace == request.Info.Namespace)
                && labels.Matches(one.Known.Header.Labels) && fields.Matches(one.FieldOf))
            .OrderBy(one => one.Known.Key.Namespace, StringComparer.Ordinal).ThenBy(one => one.Known.Key.Name, StringComparer.Ordinal);
        return Projection.Build(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, resource.Kind.Kind + "List");
            writer.WriteString("apiVersion"u8, resource.Kind.GroupVersion.ToString());
            writer.WriteStartObject("metadata"u8);
            writer.WriteEndObject();
            writer.WriteStartArray("items"u8);
            foreach (var one in chosen)
            {
                one.Write(writer, resource.Kind);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private IEnumerable<MetricsObject> NodeOf(NodeUsage node)
    {
        if (node.Node is { } usage && follower.Cache(RbacResources.Nodes).Get(node.Name) is { } known)
        {
            yield return new MetricsObject(known, usage, []);
        }
    }

    private IEnumerable<MetricsObject> PodsOf(NodeUsage node)
    {
        foreach (var pod in node.Pods)
        {
            // Its containers may outlive a pod for a moment, and one of the same name may have taken its place.
            if (follower.Cache(RbacResources.Pods).Get(StorageKey.Local(pod.Namespace, pod.Name)) is { } known && known.Header.Uid == pod.Uid)
            {
                yield return new MetricsObject(known, pod.Containers.MinBy(container => container.Value.At).Value, pod.Containers);
            }
        }
    }
}
