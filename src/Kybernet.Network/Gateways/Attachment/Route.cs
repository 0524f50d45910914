using Kybernet.Api;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Routing;
using Kybernet.Network.Gateways.Statuses;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>A route of any kind, as far as it does not matter which.</summary>
internal abstract class Route(string kind, ObjectMeta metadata)
{
    public string Kind { get; } = kind;

    public ObjectMeta Metadata { get; } = metadata;

    public NamespacedName Key { get; } = new(metadata.Namespace ?? "", metadata.Name ?? "");

    public abstract IReadOnlyList<string> Hostnames { get; }

    public abstract IReadOnlyList<ParentReference> ParentRefs { get; }

    public abstract RouteStatus Status { get; }

    /// <summary>The Gateways that a route is about: those that it names as parents, and those of which its status still tells.</summary>
    public static IEnumerable<string> GatewaysOf(ObjectMeta metadata, IReadOnlyList<ParentReference> parents, RouteStatus status)
    {
        foreach (var parent in parents.Concat(status.Parents.Where(static parent => parent.ControllerName == GatewayApi.Controller).Select(static parent => parent.ParentRef)))
        {
            if (GatewayOf(metadata, parent) is { } gateway)
            {
                yield return gateway.ToString();
            }
        }
    }

    /// <summary>The Gateway that a parent is; null where it is none.</summary>
    public static NamespacedName? GatewayOf(ObjectMeta metadata, ParentReference parent) =>
        parent.Group is null or GatewayApi.Group && parent.Kind is null or GatewayApi.Kinds.Gateway
            ? new NamespacedName(parent.Namespace ?? metadata.Namespace ?? "", parent.Name)
            : null;

    /// <summary>The parents of it that are a Gateway.</summary>
    public IEnumerable<ParentReference> ParentsOf(NamespacedName gateway) => ParentRefs.Where(parent => GatewayOf(Metadata, parent) == gateway);

    /// <summary>Makes rules of it that requests, or connections, can be routed by.</summary>
    public abstract CompiledRoute Compile(BackendResolver backends);

    public abstract Task WriteStatusAsync(ApiClient client, RouteStatus status, CancellationToken cancellationToken);
}

/// <summary>What a route comes to.</summary>
/// <param name="Rules">Its rules.</param>
/// <param name="Invalid">Why the route cannot be accepted; null where it can.</param>
/// <param name="Unresolved">What it refers to in vain; null where all is there.</param>
internal sealed record CompiledRoute(IReadOnlyList<RouteRule> Rules, Problem? Invalid, Problem? Unresolved);

/// <summary>The oldest route first; of two of the same second, the one whose name comes first.</summary>
internal sealed class RouteAge : IComparer<Route>
{
    public static RouteAge Comparer { get; } = new();

    public int Compare(Route? x, Route? y)
    {
        var (one, other) = (x!, y!);
        var byAge = Nullable.Compare(one.Metadata.CreationTimestamp, other.Metadata.CreationTimestamp);
        return byAge != 0 ? byAge : string.CompareOrdinal(one.Key.ToString(), other.Key.ToString());
    }
}
