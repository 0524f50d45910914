using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;
using Kybernet.Network.Gateways.Routing;
using Kybernet.Network.Gateways.Statuses;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>How a route stands to one of its parents.</summary>
/// <param name="Parent">The parent, as the route names it.</param>
/// <param name="Listeners">The listeners that take it.</param>
/// <param name="Problem">Why none does; null where one does.</param>
internal sealed record Attachment(ParentReference Parent, IReadOnlyList<ListenerState> Listeners, Problem? Problem);

/// <summary>Says which listeners of a Gateway take a route.</summary>
internal sealed class RouteAttachment(ILister<Namespace> namespaces)
{
    private const string AnyNamespace = "All";
    private const string SelectedNamespaces = "Selector";

    public Attachment Attach(Gateway gateway, IReadOnlyList<ListenerState> listeners, Route route, ParentReference parent)
    {
        var named = listeners.Where(listener =>
            (parent.SectionName ?? listener.Spec.Name) == listener.Spec.Name && (parent.Port ?? listener.Spec.Port) == listener.Spec.Port).ToList();
        if (named.Count == 0)
        {
            return new Attachment(parent, [], new Problem(GatewayApi.Reasons.NoMatchingParent, "the Gateway has no listener of that name and port"));
        }
        var allowed = named.Where(listener => listener.Kinds.Contains(route.Kind) && IsAllowed(gateway, listener.Spec, route)).ToList();
        if (allowed.Count == 0)
        {
            return new Attachment(parent, [], new Problem(GatewayApi.Reasons.NotAllowedByListeners, "no listener takes routes of this kind from this namespace"));
        }
        var matching = allowed.Where(listener => Hostnames.Effective(listener.Hostname, route.Hostnames).Count > 0).ToList();
        return matching.Count == 0
            ? new Attachment(parent, [], new Problem(GatewayApi.Reasons.NoMatchingListenerHostname, "no listener has one of the route's hostnames"))
            : new Attachment(parent, matching, null);
    }

    private bool IsAllowed(Gateway gateway, Listener listener, Route route)
    {
        var allowed = listener.AllowedRoutes?.Namespaces;
        return allowed?.From switch
        {
            AnyNamespace => true,
            SelectedNamespaces => IsSelected(allowed.Selector, route),
            _ => route.Key.Namespace == gateway.Metadata.Namespace,
        };
    }

    private bool IsSelected(Api.Meta.V1.LabelSelector? selector, Route route)
    {
        try
        {
            return namespaces.Get(new NamespacedName("", route.Key.Namespace)) is { } place && Selector.From(selector).Matches(place.Metadata.Labels);
        }
        catch (SelectorException)
        {
            return false; // what is malformed selects nothing
        }
    }
}
