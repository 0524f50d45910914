using Kybernet.Api;
using Kybernet.Api.Core.V1;
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
            await LeaveAsync(key, caches.Gateways.Get(key), cancellationToken);
            return Requeue.OnChange;
        }
        if (Refusal(gateway) is { } refusal)
        {
            await LeaveAsync(key, gateway, cancellationToken);
            await gatewayStatuses.RefuseAsync(gateway, refusal, cancellationToken);
            return Requeue.OnChange;
        }
        var plan = planner.Plan(gateway);
        var open = await ports.ApplyAsync(key, plan.Ports, cancellationToken);
        var service = await ServiceOfAsync(gateway, open, cancellationToken);
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

    /// <summary>A Service has at least one port: without any there is none.</summary>
    private async Task<Service?> ServiceOfAsync(Gateway gateway, IReadOnlyDictionary<int, int> open, CancellationToken cancellationToken)
    {
        if (open.Count > 0)
        {
            return await services.EnsureAsync(gateway, open, cancellationToken);
        }
        await services.RemoveAsync(gateway, cancellationToken);
        return null;
    }

    /// <summary>Serves a Gateway no longer; where it is gone itself, the garbage collector takes its Service.</summary>
    private async Task LeaveAsync(NamespacedName key, Gateway? gateway, CancellationToken cancellationToken)
    {
        await ports.ApplyAsync(key, NoPorts, cancellationToken);
        if (gateway is { Metadata.DeletionTimestamp: null })
        {
            await services.RemoveAsync(gateway, cancellationToken);
        }
        foreach (var route in caches.RoutesOf(key))
        {
            await routeStatuses.WriteAsync(key, route, null, cancellationToken);
        }
        await policyStatuses.WriteAsync(key, new HashSet<NamespacedName>(), cancellationToken);
    }
}
