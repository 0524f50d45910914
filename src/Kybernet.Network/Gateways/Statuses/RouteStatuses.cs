using Kybernet.Api;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Json;
using Kybernet.Client;
using Kybernet.Network.Gateways.Attachment;

namespace Kybernet.Network.Gateways.Statuses;

/// <summary>Tells in each route's status what became of it at a Gateway. What other controllers, and other Gateways, have said of it stays.</summary>
internal sealed class RouteStatuses(ApiClient client, TimeProvider time)
{
    /// <summary>Says of a route how it stands to its parents of one Gateway.</summary>
    /// <param name="gateway">The Gateway.</param>
    /// <param name="route">The route.</param>
    /// <param name="plan">What became of it; null where the Gateway is gone, or no longer ours.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WriteAsync(NamespacedName gateway, Route route, RoutePlan? plan, CancellationToken cancellationToken)
    {
        var parents = route.Status.Parents
            .Where(parent => parent.ControllerName != GatewayApi.Controller || Route.GatewayOf(route.Metadata, parent.ParentRef) != gateway)
            .Concat((plan?.Attachments ?? []).Select(attachment => StatusOf(route, plan!, attachment)))
            .ToList();
        var status = route.Status with { Parents = parents };
        if (!ModelJson.Same(status, route.Status))
        {
            await route.WriteStatusAsync(client, status, cancellationToken);
        }
    }

    private RouteParentStatus StatusOf(Route route, RoutePlan plan, Attachment.Attachment attachment)
    {
        var known = route.Status.Parents.FirstOrDefault(
            parent => parent.ControllerName == GatewayApi.Controller && ModelJson.Same(parent.ParentRef, attachment.Parent));
        var conditions = new ConditionList(known?.Conditions ?? [], route.Metadata.Generation, time.GetUtcNow())
            .SetGood(GatewayApi.Conditions.Accepted, attachment.Problem ?? plan.Compiled.Invalid)
            .SetGood(GatewayApi.Conditions.ResolvedRefs, plan.Compiled.Unresolved);
        return new RouteParentStatus { ParentRef = attachment.Parent, ControllerName = GatewayApi.Controller, Conditions = conditions.All };
    }
}
