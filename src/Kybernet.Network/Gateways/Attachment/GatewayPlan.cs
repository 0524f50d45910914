using Kybernet.Api;
using Kybernet.Network.Gateways.Routing;
using Kybernet.Network.Gateways.Statuses;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>A route of a Gateway, with what became of it.</summary>
internal sealed record RoutePlan(Route Route, CompiledRoute Compiled, IReadOnlyList<Attachment> Attachments);

/// <summary>What a Gateway and its routes come to.</summary>
/// <param name="Listeners">Its listeners, in their order.</param>
/// <param name="Routes">The routes that name it, whether they are attached or not.</param>
/// <param name="Ports">What is to be at its ports, by their numbers.</param>
/// <param name="Backends">The Services that the routes refer to.</param>
/// <param name="Unresolved">What the Gateway itself refers to in vain; null where all is there.</param>
internal sealed record GatewayPlan(
    IReadOnlyList<ListenerState> Listeners, IReadOnlyList<RoutePlan> Routes, IReadOnlyDictionary<int, PortTable> Ports, IReadOnlySet<NamespacedName> Backends,
    Problem? Unresolved)
{
    /// <summary>How many routes a listener has taken.</summary>
    public int AttachedRoutes(ListenerState listener) =>
        Routes.Count(route => route.Attachments.Any(attachment => attachment.Listeners.Contains(listener, ReferenceEqualityComparer.Instance)));
}
