using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Client;

namespace Kybernet.Network.Dns.Zones;

/// <summary>Keeps the zone as the API server has Services, EndpointSlices and Namespaces.</summary>
internal sealed class ZoneFeed
{
    private const string ServiceLabel = "kubernetes.io/service-name";
    private const string ServiceIndex = "dns-service";

    private readonly ClusterZone _zone;
    private readonly ClusterNames _names;
    private readonly ServiceEntries _entries;
    private readonly IInformer<Service> _services;
    private readonly IInformer<EndpointSlice> _slices;

    /// <summary>Services and slices come on two loops: whichever is later must not write what it saw earlier.</summary>
    private readonly Lock _gate = new();

    private ZoneFeed(ClusterZone zone, ClusterNames names, uint ttl, InformerFactory informers)
    {
        (_zone, _names, _entries) = (zone, names, new ServiceEntries(names, ttl));
        _services = informers.Informer<Service>();
        _slices = informers.Informer<EndpointSlice>();
    }

    /// <summary>Has the informers tell a zone of what changes; before they run.</summary>
    public static void Attach(ClusterZone zone, ClusterNames names, uint ttl, InformerFactory informers)
    {
        var feed = new ZoneFeed(zone, names, ttl, informers);
        feed._slices.AddIndex(ServiceIndex, static slice => ServiceOf(slice) is { } key ? [key.ToString()] : []);
        feed._services.AddHandler(new InformerHandler<Service>(
            added => feed.Refresh(KeyOf(added.Metadata)),
            (_, current) => feed.Refresh(KeyOf(current.Metadata)),
            deleted => feed.Refresh(KeyOf(deleted.Metadata))));
        feed._slices.AddHandler(new InformerHandler<EndpointSlice>(feed.Refresh, feed.OnUpdated, feed.Refresh));
        informers.Informer<Namespace>().AddHandler(new InformerHandler<Namespace>(feed.Add, onDeleted: feed.Remove));
    }

    private static NamespacedName KeyOf(Api.Meta.V1.ObjectMeta metadata) => new(metadata.Namespace ?? "", metadata.Name ?? "");

    private static NamespacedName? ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels.TryGetValue(ServiceLabel, out var name) ? new NamespacedName(slice.Metadata.Namespace ?? "", name) : null;

    private void OnUpdated(EndpointSlice previous, EndpointSlice current)
    {
        if (ServiceOf(previous) != ServiceOf(current))
        {
            Refresh(previous);
        }
        Refresh(current);
    }

    private void Refresh(EndpointSlice slice)
    {
        // The endpoints of other Services have no names.
        if (ServiceOf(slice) is { } key && _services.Get(key) is { Spec.ClusterIP: "None" })
        {
            Refresh(key);
        }
    }

    private void Refresh(NamespacedName key)
    {
        lock (_gate)
        {
            _zone.Replace(
                key.ToString(),
                _services.Get(key) is { } service ? _entries.Of(service, _slices.ByIndex(ServiceIndex, key.ToString())) : []);
        }
    }

    private void Add(Namespace added)
    {
        var name = added.Metadata.Name ?? "";
        _zone.Replace(OwnerOf(name), [new ZoneEntry(_names.NamespaceOfServices(name), []), new ZoneEntry(_names.NamespaceOfPods(name), [])]);
    }

    private void Remove(Namespace deleted) => _zone.Replace(OwnerOf(deleted.Metadata.Name ?? ""), []);

    /// <summary>Services' owners have a slash in the middle, namespaces' one at the end.</summary>
    private static string OwnerOf(string @namespace) => @namespace + "/";
}
