using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.LoadBalancers;

/// <summary>
/// Gives Services of type LoadBalancer their addresses: of a pool, or else those of the nodes, whose service proxies then do the rest. A Service of another
/// <c>loadBalancerClass</c> is somebody else's. One worker: what was given is remembered here, for the cache shows it only later.
/// </summary>
internal sealed class LoadBalancerReconciler(ApiClient client, ILister<Service> services, ILister<ConfigMap> maps, BalancedNodes nodes, IEventRecorder events) : IReconciler
{
    public const string Class = "kybernet.io/load-balancer";
    public const string Finalizer = "service.kubernetes.io/load-balancer-cleanup";

    private static readonly TimeSpan WhenExhausted = TimeSpan.FromSeconds(30);
    private static readonly NamespacedName MapKey = new(AddressPools.MapNamespace, AddressPools.MapName);

    private readonly Dictionary<NamespacedName, IReadOnlyList<string>> _given = [];
    private bool _hasReadAll;

    /// <summary>Whether a Service has, or is to have, a load balancer of ours.</summary>
    public static bool Concerns(Service service) => IsWanted(service) || service.Metadata.Finalizers.Contains(Finalizer);

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        RememberAll();
        if (services.Get(key) is not { } service)
        {
            _given.Remove(key);
            return Requeue.OnChange;
        }
        if (!IsWanted(service))
        {
            await CleanUpAsync(key, service, cancellationToken);
            return Requeue.OnChange;
        }
        try
        {
            return await EnsureAsync(key, service, cancellationToken);
        }
        catch (FormatException exception)
        {
            return Fail(service, exception.Message);
        }
    }

    private static bool IsWanted(Service service) =>
        service.Metadata.DeletionTimestamp is null && service.Spec.Type == "LoadBalancer" && service.Spec.LoadBalancerClass is null or Class;

    private static List<string> AddressesOf(Service service) =>
        [.. (service.Status.LoadBalancer?.Ingress ?? []).Select(static ingress => ingress.Ip).OfType<string>()];

    /// <summary>Nothing is given out before it is known what is taken.</summary>
    private void RememberAll()
    {
        if (_hasReadAll)
        {
            return;
        }
        foreach (var service in services.List().Where(Concerns))
        {
            _given[service.Metadata.Key()] = AddressesOf(service);
        }
        _hasReadAll = true;
    }

    private async Task<Requeue> EnsureAsync(NamespacedName key, Service service, CancellationToken cancellationToken)
    {
        var had = AddressesOf(service);
        var addresses = Choose(key, service, had);
        if (addresses.Count == 0)
        {
            return Fail(service, "no address is free that has the Service's ports");
        }
        _given[key] = addresses;
        if (addresses.SequenceEqual(had) && service.Metadata.Finalizers.Contains(Finalizer))
        {
            return Requeue.OnChange;
        }
        events.Record(service, EventType.Normal, "EnsuringLoadBalancer", "Ensuring load balancer");
        var ingress = addresses.Select(static address => (JsonNode)new JsonObject { ["ip"] = JsonValue.Create(address), ["ipMode"] = JsonValue.Create("VIP") });
        await PatchAsync(key, "finalizers", new JsonObject { ["ingress"] = new JsonArray([.. ingress]) }, cancellationToken);
        events.Record(service, EventType.Normal, "EnsuredLoadBalancer", "Ensured load balancer");
        return Requeue.OnChange;
    }

    private async Task CleanUpAsync(NamespacedName key, Service service, CancellationToken cancellationToken)
    {
        _given.Remove(key);
        if (!service.Metadata.Finalizers.Contains(Finalizer))
        {
            return;
        }
        events.Record(service, EventType.Normal, "DeletingLoadBalancer", "Deleting load balancer");
        await PatchAsync(key, "$deleteFromPrimitiveList/finalizers", new JsonObject { ["ingress"] = null }, cancellationToken);
        events.Record(service, EventType.Normal, "DeletedLoadBalancer", "Deleted load balancer");
    }

    /// <summary>The addresses of a Service: one of each of its families from a pool, or those of all nodes.</summary>
    private List<string> Choose(NamespacedName key, Service service, IReadOnlyList<string> had)
    {
        var pool = new AddressPools(maps.Get(MapKey)).For(service);
        var addresses = new List<string>();
        foreach (var family in service.Spec.IpFamilies.Count > 0 ? service.Spec.IpFamilies : ["IPv4"])
        {
            if (pool is null)
            {
                addresses.AddRange(nodes.AddressesFor(service, family).Where(address => !IsTaken(key, service, address)));
            }
            else
            {
                var addressFamily = family == "IPv6" ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
                if (AddressPools.Choose(pool, addressFamily, had, service.Spec.LoadBalancerIP, address => IsFree(key, address)) is { } chosen)
                {
                    addresses.Add(chosen.ToString());
                }
            }
        }
        return addresses;
    }

    private bool IsFree(NamespacedName key, IPAddress address)
    {
        var text = address.ToString();
        return !_given.Any(given => given.Key != key && given.Value.Contains(text));
    }

    /// <summary>Load balancers share a node's address as long as no two have the same port of it.</summary>
    private bool IsTaken(NamespacedName key, Service service, string address)
    {
        foreach (var (other, given) in _given)
        {
            if (other != key && given.Contains(address) && services.Get(other) is { } known && known.Spec.Ports.Any(
                port => service.Spec.Ports.Any(own => own.Port == port.Port && (own.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))))
            {
                return true;
            }
        }
        return false;
    }

    private Requeue Fail(Service service, string reason)
    {
        events.Record(service, EventType.Warning, "SyncLoadBalancerFailed", $"Error syncing load balancer: failed to ensure load balancer: {reason}");
        return Requeue.In(WhenExhausted);
    }

    /// <summary>Writes finalizer and status at once, so that no address is ever given without somebody who takes it back.</summary>
    private Task PatchAsync(NamespacedName key, string finalizers, JsonObject loadBalancer, CancellationToken cancellationToken) => client.PatchAsync<Service>(
        key.Namespace,
        key.Name,
        "status",
        Patch.Strategic(new JsonObject
        {
            ["metadata"] = new JsonObject { [finalizers] = new JsonArray(JsonValue.Create(Finalizer)) },
            ["status"] = new JsonObject { ["loadBalancer"] = loadBalancer },
        }),
        cancellationToken);
}
