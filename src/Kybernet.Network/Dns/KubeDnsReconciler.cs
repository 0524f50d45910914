using System.Net;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using EndpointPort = Kybernet.Api.Discovery.V1.EndpointPort;

namespace Kybernet.Network.Dns;

/// <summary>
/// Keeps the Service <c>kube-dns</c> and the endpoint behind it, the server itself. A Service of that name that selects pods is somebody else's: who
/// brought it has brought their own servers.
/// </summary>
/// <param name="client">The API server.</param>
/// <param name="serviceAddress">The Service's address.</param>
/// <param name="server">Where the server listens.</param>
/// <param name="metricsPort">Where its metrics are.</param>
internal sealed class KubeDnsReconciler(ApiClient client, IPAddress serviceAddress, IPEndPoint server, int metricsPort) : IReconciler
{
    private const int DnsPort = 53;
    private const int MetricsPort = 9153;

    /// <summary>The Service.</summary>
    public static NamespacedName Key { get; } = new("kube-system", "kube-dns");

    private static readonly Dictionary<string, string> SliceLabels = new()
    {
        ["kubernetes.io/service-name"] = Key.Name,
        ["endpointslice.kubernetes.io/managed-by"] = "dns.kybernet.io",
    };

    /// <inheritdoc/>
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        var service = await client.FindAsync<Service>(key.Namespace, key.Name, cancellationToken)
            ?? await client.CreateAsync(WantedService(), cancellationToken);
        if (service.Spec.Selector.Count > 0 || service.Metadata.DeletionTimestamp is not null)
        {
            return Requeue.OnChange;
        }
        var slice = WantedSlice();
        if (await client.FindAsync<EndpointSlice>(key.Namespace, key.Name, cancellationToken) is not { } known)
        {
            await client.CreateAsync(slice, cancellationToken);
        }
        else if (known with { Endpoints = slice.Endpoints, Ports = slice.Ports } is var updated && !ModelJson.Same(known, updated))
        {
            await client.UpdateAsync(updated, cancellationToken);
        }
        return Requeue.OnChange;
    }

    private Service WantedService() => new()
    {
        Metadata = new ObjectMeta
        {
            Name = Key.Name,
            Namespace = Key.Namespace,
            Labels = new Dictionary<string, string>
            {
                ["k8s-app"] = "kube-dns",
                ["kubernetes.io/cluster-service"] = "true",
                ["kubernetes.io/name"] = "CoreDNS",
            },
            Annotations = new Dictionary<string, string> { ["prometheus.io/port"] = "9153", ["prometheus.io/scrape"] = "true" },
        },
        Spec = new ServiceSpec
        {
            ClusterIP = serviceAddress.ToString(),
            ClusterIPs = [serviceAddress.ToString()],
            Ports = [Port("dns", DnsPort, "UDP", server.Port), Port("dns-tcp", DnsPort, "TCP", server.Port), Port("metrics", MetricsPort, "TCP", metricsPort)],
        },
    };

    private EndpointSlice WantedSlice() => new()
    {
        Metadata = new ObjectMeta { Name = Key.Name, Namespace = Key.Namespace, Labels = SliceLabels },
        AddressType = server.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4",
        Endpoints =
        [
            new Endpoint
            {
                Addresses = [server.Address.ToString()],
                Conditions = new EndpointConditions { Ready = true, Serving = true, Terminating = false },
            },
        ],
        Ports =
        [
            new EndpointPort { Name = "dns", Port = server.Port, Protocol = "UDP" },
            new EndpointPort { Name = "dns-tcp", Port = server.Port, Protocol = "TCP" },
            new EndpointPort { Name = "metrics", Port = metricsPort, Protocol = "TCP" },
        ],
    };

    private static ServicePort Port(string name, int port, string protocol, int targetPort) =>
        new() { Name = name, Port = port, Protocol = protocol, TargetPort = new IntOrString(targetPort) };
}
