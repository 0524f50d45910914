using System.Net;
using System.Text;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Client;
using Kybernet.Network.Dns.Forwarding;
using Kybernet.Network.Dns.Messages;
using Kybernet.Network.Dns.Serving;
using Kybernet.Network.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Dns;

/// <summary>
/// The cluster's DNS: answers for Services and pods as the Kubernetes DNS specification 1.1 says, from an index that follows the API server, and asks
/// the host's servers for all other names.
/// </summary>
/// <param name="client">The API server.</param>
/// <param name="options">How it works.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Where it logs.</param>
public sealed partial class ClusterDnsHost(ApiClient client, ClusterDnsOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private const string SpecificationVersion = "1.1.0";

    private static readonly NamespacedName SettingsKey = new("kube-system", "kube-dns");

    private readonly ILogger _logger = loggers.CreateLogger<ClusterDnsHost>();
    private readonly TaskCompletionSource<IPEndPoint> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where it listens, once it does.</summary>
    public Task<IPEndPoint> Listening => _listening.Task;

    /// <summary>Answers until cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">It cannot listen.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var informers = new InformerFactory(client, time, loggers);
        var names = new ClusterNames(options.ClusterDomain);
        var zone = new ClusterZone(names.Origin, options.Ttl);
        zone.Replace("/", SystemEntries(names));
        ZoneFeed.Attach(zone, names, options.Ttl, informers);
        var pods = new PodAddresses();
        informers.Informer<Pod>().AddHandler(pods);
        IPEndPoint? own = null;
        var forwarder = new Forwarder(
            options.ResolverConfiguration, options.CacheCapacity, server => IsOurs(server, own), time, loggers.CreateLogger<Forwarder>());
        var resolver = new Resolver(names, zone, new PodNames(names, zone, pods, options.Ttl), pods, forwarder);
        FollowSettings(informers, resolver, forwarder);
        using var listeners = Listeners.Open(options, new QueryHandler(resolver, time, loggers.CreateLogger<QueryHandler>()), time);
        own = listeners.EndPoint;
        Configure(resolver, forwarder, ClusterDnsSettings.Default);

        var loops = new List<Task> { informers.RunAsync(stop.Token) };
        try
        {
            await informers.WaitForSyncAsync(stop.Token);
            await using var metrics = await MetricsServer.StartAsync(
                options.ListenAddress, options.MetricsPort, text => WriteMetrics(listeners, forwarder, text), loggers, stop.Token);
            loops.AddRange(listeners.Start(stop.Token));
            loops.Add(forwarder.RunAsync(stop.Token));
            if (options.ServiceAddress is { } address)
            {
                loops.Add(PublishAsync(informers, new KubeDnsReconciler(client, address, listeners.EndPoint, metrics.Port), stop.Token));
            }
            LogListening(listeners.EndPoint);
            _listening.TrySetResult(listeners.EndPoint);
            await await Task.WhenAny(loops);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private List<ZoneEntry> SystemEntries(ClusterNames names)
    {
        var version = names.Of("dns-version");
        var server = names.Of("ns.dns");
        return
        [
            new ZoneEntry(version, [ResourceRecord.Txt(version, options.Ttl, SpecificationVersion)]),
            new ZoneEntry(server, [ResourceRecord.Address(server, options.Ttl, options.ServiceAddress ?? options.ListenAddress)]),
            new ZoneEntry(names.Origin, [ResourceRecord.Name(names.Origin, RecordType.Ns, options.Ttl, server)]),
            new ZoneEntry(names.Services, []),
            new ZoneEntry(names.Pods, []),
        ];
    }

    private bool IsOurs(IPEndPoint server, IPEndPoint? own) => server.Equals(own) || (server.Port == 53 && server.Address.Equals(options.ServiceAddress));

    private void FollowSettings(InformerFactory informers, Resolver resolver, Forwarder forwarder)
    {
        var maps = informers.Informer<ConfigMap>(SettingsKey.Namespace, new ListSelection(FieldSelector: $"metadata.name={SettingsKey.Name}"));
        maps.AddHandler(new InformerHandler<ConfigMap>(
            added => Configure(resolver, forwarder, added),
            (_, current) => Configure(resolver, forwarder, current),
            _ => Configure(resolver, forwarder, ClusterDnsSettings.Default)));
    }

    private void Configure(Resolver resolver, Forwarder forwarder, ConfigMap map)
    {
        try
        {
            Configure(resolver, forwarder, ClusterDnsSettings.Parse(map));
        }
        catch (FormatException e)
        {
            LogBadSettings(e.Message); // what was set before holds
        }
    }

    private static void Configure(Resolver resolver, Forwarder forwarder, ClusterDnsSettings settings)
    {
        forwarder.Configure(settings);
        resolver.Settings = settings;
    }

    private async Task PublishAsync(InformerFactory informers, KubeDnsReconciler reconciler, CancellationToken cancellationToken)
    {
        using var queue = new WorkQueue<NamespacedName>("kube-dns", time);
        void Wake(Api.Meta.V1.ObjectMeta metadata)
        {
            if (metadata.Name == KubeDnsReconciler.Key.Name && metadata.Namespace == KubeDnsReconciler.Key.Namespace)
            {
                queue.Add(KubeDnsReconciler.Key);
            }
        }

        informers.Informer<Service>().AddHandler(new InformerHandler<Service>(onDeleted: deleted => Wake(deleted.Metadata)));
        informers.Informer<EndpointSlice>().AddHandler(new InformerHandler<EndpointSlice>(onDeleted: deleted => Wake(deleted.Metadata)));
        queue.Add(KubeDnsReconciler.Key);
        await new Controller("kube-dns", reconciler, queue, workers: 1, _logger).RunAsync(cancellationToken);
    }

    private static void WriteMetrics(Listeners listeners, Forwarder forwarder, StringBuilder text)
    {
        DnsMetrics.Write(listeners.Metrics, text);
        DnsMetrics.Head(text, "coredns_cache_entries", "gauge", "Answers of other servers that are kept.");
        DnsMetrics.Line(text, "coredns_cache_entries", "server=\"dns://:53\",type=\"success\",zones=\".\",view=\"\"", forwarder.Cache.Count);
    }

    [LoggerMessage(LogLevel.Information, "DNS listens on {EndPoint}")]
    private partial void LogListening(IPEndPoint endPoint);

    [LoggerMessage(LogLevel.Warning, "ConfigMap kube-system/kube-dns is not applied: {Reason}")]
    private partial void LogBadSettings(string reason);
}
