using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using EndpointPort = Kybernet.Api.Discovery.V1.EndpointPort;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.Network.Gateways;

/// <summary>
/// Keeps the Service of each Gateway, which gives it its address, and the endpoints behind it: ports of this process. Both go with their Gateway.
/// </summary>
internal sealed class GatewayService(ApiClient client, GatewayCaches caches, IPAddress address)
{
    private const string ManagedBy = "app.kubernetes.io/managed-by";
    private const string SliceManagedBy = "endpointslice.kubernetes.io/managed-by";
    private const string Manager = "kybernet.io";
    private const string ServiceName = "kubernetes.io/service-name";
    private const string IPAddressType = "IPAddress";
    private const int MaxName = 63;
    private const int HashLength = 10;

    /// <summary>What the Service of a Gateway is called: names of Services are shorter than those of Gateways may be, and have no dots.</summary>
    public static NamespacedName NameOf(Gateway gateway)
    {
        var (@namespace, name) = (gateway.Metadata.Namespace ?? "", gateway.Metadata.Name ?? "");
        var plain = $"{name}-{gateway.Spec.GatewayClassName}";
        if (plain.Length <= MaxName && !plain.Contains('.') && !char.IsAsciiDigit(plain[0]))
        {
            return new NamespacedName(@namespace, plain);
        }
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(plain)))[..HashLength];
        var letters = "gw-" + plain.Replace('.', '-');
        return new NamespacedName(@namespace, $"{letters[..Math.Min(letters.Length, MaxName - HashLength - 1)].TrimEnd('-')}-{hash}");
    }

    /// <summary>The addresses that a Gateway asks for; none where any will do.</summary>
    public static IReadOnlyList<string> AskedAddresses(Gateway gateway) =>
        [.. gateway.Spec.Addresses.Where(static address => address.Value is { Length: > 0 }).Select(static address => address.Value!)];

    /// <summary>Whether a Gateway asks for an address of a kind that cannot be given.</summary>
    public static bool AsksInVain(Gateway gateway) => gateway.Spec.Addresses.Any(static address => address.Type is not (null or IPAddressType));

    /// <summary>Makes the Service and its endpoints as they are to be.</summary>
    /// <param name="gateway">The Gateway.</param>
    /// <param name="ports">Where each of its ports is listened on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The Service as it is; null where somebody else has one of its name.</returns>
    public async Task<Service?> EnsureAsync(Gateway gateway, IReadOnlyDictionary<int, int> ports, CancellationToken cancellationToken)
    {
        var service = await EnsureServiceAsync(gateway, ports, cancellationToken);
        if (service is not null)
        {
            await EnsureSliceAsync(gateway, ports, cancellationToken);
        }
        return service;
    }

    /// <summary>Deletes the Service and its endpoints, where there are any: of a Gateway that is there, but not served.</summary>
    public async Task RemoveAsync(Gateway gateway, CancellationToken cancellationToken)
    {
        foreach (var service in caches.Services.ByIndex(IndexNames.OwnerUid, gateway.Metadata.Uid ?? "").Where(static service => IsOwn(service.Metadata)))
        {
            await client.DeleteAsync<Service>(service.Metadata.Namespace ?? "", service.Metadata.Name ?? "", new DeleteOptions(), cancellationToken);
        }
        foreach (var slice in caches.Slices.ByIndex(IndexNames.OwnerUid, gateway.Metadata.Uid ?? "").Where(static slice => IsOwn(slice.Metadata)))
        {
            await client.DeleteAsync<EndpointSlice>(slice.Metadata.Namespace ?? "", slice.Metadata.Name ?? "", new DeleteOptions(), cancellationToken);
        }
    }

    /// <summary>Another controller that a Gateway went to may have made things for it too.</summary>
    private static bool IsOwn(ObjectMeta metadata) => metadata.Labels.GetValueOrDefault(ManagedBy) == Manager;

    private async Task<Service?> EnsureServiceAsync(Gateway gateway, IReadOnlyDictionary<int, int> ports, CancellationToken cancellationToken)
    {
        var key = NameOf(gateway);
        var metadata = MetadataOf(gateway, key);
        var known = caches.Services.Get(key) ?? await client.FindAsync<Service>(key.Namespace, key.Name, cancellationToken);
        if (known is null)
        {
            var spec = new ServiceSpec
            {
                Type = "LoadBalancer",
                AllocateLoadBalancerNodePorts = false,
                LoadBalancerIP = AskedAddresses(gateway).FirstOrDefault(), // it can have no more than one
                Ports = [.. ports.OrderBy(static port => port.Key).Select(static port => Port(port.Key, port.Value, null))],
            };
            return await client.CreateAsync(new Service { Metadata = metadata, Spec = spec }, cancellationToken);
        }
        if (!known.Metadata.IsControlledBy(gateway))
        {
            return null;
        }
        var wanted = known with
        {
            Metadata = known.Metadata with { Labels = Merge(known.Metadata.Labels, metadata.Labels), Annotations = Merge(known.Metadata.Annotations, metadata.Annotations) },
            Spec = known.Spec with
            {
                LoadBalancerIP = AskedAddresses(gateway).FirstOrDefault(),
                Ports = [.. ports.OrderBy(static port => port.Key).Select(port => Port(port.Key, port.Value, known.Spec.Ports.FirstOrDefault(old => old.Port == port.Key)))],
            },
        };
        return ModelJson.Same(known, wanted) ? known : await client.UpdateAsync(wanted, cancellationToken);
    }

    private async Task EnsureSliceAsync(Gateway gateway, IReadOnlyDictionary<int, int> ports, CancellationToken cancellationToken)
    {
        var key = NameOf(gateway);
        var metadata = MetadataOf(gateway, key);
        var labels = new Dictionary<string, string>(metadata.Labels) { [ServiceName] = key.Name, [SliceManagedBy] = Manager };
        var slice = new EndpointSlice
        {
            Metadata = metadata with { Labels = labels },
            AddressType = address.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4",
            Endpoints =
            [
                new Endpoint { Addresses = [address.ToString()], Conditions = new EndpointConditions { Ready = true, Serving = true, Terminating = false } },
            ],
            Ports = [.. ports.OrderBy(static port => port.Key).Select(static port => new EndpointPort { Name = PortName(port.Key), Port = port.Value, Protocol = "TCP" })],
        };
        var known = caches.Slices.Get(key) ?? await client.FindAsync<EndpointSlice>(key.Namespace, key.Name, cancellationToken);
        if (known is null)
        {
            await client.CreateAsync(slice, cancellationToken);
        }
        else if (known with { Endpoints = slice.Endpoints, Ports = slice.Ports } is var updated && !ModelJson.Same(known, updated))
        {
            await client.UpdateAsync(updated, cancellationToken);
        }
    }

    private static ObjectMeta MetadataOf(Gateway gateway, NamespacedName key) => new()
    {
        Name = key.Name,
        Namespace = key.Namespace,
        Labels = Merge(gateway.Spec.Infrastructure?.Labels ?? new Dictionary<string, string>(), new Dictionary<string, string>
        {
            [ManagedBy] = Manager,
            [GatewayApi.GatewayNameLabel] = gateway.Metadata.Name!.Length <= MaxName ? gateway.Metadata.Name : key.Name,
        }),
        Annotations = gateway.Spec.Infrastructure?.Annotations ?? new Dictionary<string, string>(),
        OwnerReferences = [OwnerReferences.ControllerOf(gateway)],
    };

    /// <summary>What the server has filled in of a port stays.</summary>
    private static ServicePort Port(int number, int target, ServicePort? known) => (known ?? new ServicePort { Protocol = "TCP" }) with
    {
        Name = PortName(number),
        Port = number,
        TargetPort = new IntOrString(target),
    };

    private static string PortName(int number) => string.Create(CultureInfo.InvariantCulture, $"port-{number}");

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> under, IReadOnlyDictionary<string, string> over)
    {
        var merged = new Dictionary<string, string>(under);
        foreach (var (key, value) in over)
        {
            merged[key] = value;
        }
        return merged;
    }
}
