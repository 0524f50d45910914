using Kybernet.Api;
using Kybernet.Api.Gateway.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Attachment;
using Kybernet.Network.Gateways.Routing;
using Kybernet.Network.Gateways.Serving;
using Kybernet.Network.Gateways.Statuses;

namespace Kybernet.Network.Gateways;

/// <summary>Serves one Gateway after another as it and its routes say, and tells in their statuses what became of them.</summary>
internal sealed class GatewayReconciler(
    GatewayCaches caches, GatewayClasses classes, GatewayPlanner planner, GatewayPorts ports, GatewayService services,
    GatewayStatuses gatewayStatuses, RouteStatuses routeStatuses, PolicyStatuses policyStatuses) : IReconciler
{
    private static readonly Dictionary<int, PortTable> NoPorts = [];
    private static readonly TimeSpan UntilLoadBalancer = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (caches.Gateways.Get(key) is not { Metadata.DeletionTimestamp: null } gateway || !classes.IsOurs(gateway))
        {
            await LeaveAsync(key, cancellationToken);
            return Requeue.OnChange;
        }
        if (Refusal(gateway) is { } refusal)
        {
            await LeaveAsync(key, cancellationToken);
            await gatewayStatuses.RefuseAsync(gateway, refusal, cancellationToken);
            return Requeue.OnChange;
        }
        var plan = planner.Plan(gateway);
        var open = await ports.ApplyAsync(key, plan.Ports, cancellationToken);
        var service = open.Count == 0 ? null : await services.EnsureAsync(gateway, open, cancellationToken); // a Service has at least one port
        var isWaiting = await gatewayStatuses.WriteAsync(gateway, plan, service, cancellationToken);
        foreach (var route in plan.Routes)
        {
            await routeStatuses.WriteAsync(key, route.Route, route, cancellationToken);
        }
        await policyStatuses.WriteAsync(key, plan.Backends, cancellationToken);
        return isWaiting ? Requeue.In(UntilLoadBalancer) : Requeue.OnChange;
    }

    private static Problem? Refusal(Gateway gateway)
    {
        if (gateway.Spec.Infrastructure?.ParametersRef is { } parameters)
        {
            return new Problem(GatewayApi.Reasons.InvalidParameters, $"{parameters.Kind} {parameters.Name}: this controller takes no parameters");
        }
        return GatewayService.AsksInVain(gateway) ? new Problem(GatewayApi.Reasons.UnsupportedAddress, "only IP addresses can be asked for") : null;
    }

    private async Task LeaveAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        await ports.ApplyAsync(key, NoPorts, cancellationToken);
        foreach (var route in caches.RoutesOf(key))
        {
            await routeStatuses.WriteAsync(key, route, null, cancellationToken);
        }
        await policyStatuses.WriteAsync(key, new HashSet<NamespacedName>(), cancellationToken);
    }
}
