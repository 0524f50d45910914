namespace Kybernet.Network.Services.Endpoints;

/// <summary>Which endpoints of a port are used from one node.</summary>
/// <param name="Cluster">For what may go to any node.</param>
/// <param name="Local">For what has to stay on this one.</param>
internal sealed record EndpointChoice(IReadOnlyList<ServiceEndpoint> Cluster, IReadOnlyList<ServiceEndpoint> Local)
{
    /// <summary>Chooses: those that are ready, and where none is, those that are about to end but answer yet.</summary>
    public static EndpointChoice Of(IReadOnlyList<ServiceEndpoint> endpoints, ProxyNode node)
    {
        var ready = endpoints.Where(static endpoint => endpoint.IsReady).ToList();
        var cluster = ready.Count > 0 ? Near(ready, node) : [.. endpoints.Where(static endpoint => endpoint.IsServingTerminating)];
        var local = ready.Where(static endpoint => endpoint.IsLocal).ToList();
        if (local.Count == 0)
        {
            local = [.. endpoints.Where(static endpoint => endpoint.IsLocal && endpoint.IsServingTerminating)];
        }
        return new EndpointChoice(cluster, local);
    }

    /// <summary>
    /// Those that are meant for this node, or for its zone. Hints count only where every endpoint has them and one is meant for here: otherwise traffic
    /// would be lost while they are being written.
    /// </summary>
    private static IReadOnlyList<ServiceEndpoint> Near(List<ServiceEndpoint> ready, ProxyNode node)
    {
        if (ready.All(static endpoint => endpoint.Hints is { ForNodes.Count: > 0 })
            && ready.Where(endpoint => endpoint.Hints!.ForNodes.Any(hint => hint.Name == node.Name)).ToList() is { Count: > 0 } ofNode)
        {
            return ofNode;
        }
        if (node.Zone is { } zone
            && ready.All(static endpoint => endpoint.Hints is { ForZones.Count: > 0 })
            && ready.Where(endpoint => endpoint.Hints!.ForZones.Any(hint => hint.Name == zone)).ToList() is { Count: > 0 } ofZone)
        {
            return ofZone;
        }
        return ready;
    }
}
