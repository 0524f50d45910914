using System.Net;
using System.Net.NetworkInformation;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Network.Processes;
using Kybernet.Network.Services.Conntrack;
using Kybernet.Network.Services.Endpoints;
using Kybernet.Network.Services.Health;
using Kybernet.Network.Services.Rules;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Services;

/// <summary>
/// A node's service proxy: keeps one nft table in which the addresses of Services lead to their endpoints. A change of a Service or its endpoints becomes
/// one transaction with what differs. The table outlives the process, and the next start replaces it.
/// </summary>
/// <param name="client">Reads Services, EndpointSlices and the Node.</param>
/// <param name="options">What it has to be told.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Where it tells what it does.</param>
public sealed partial class ServiceProxyHost(ApiClient client, ServiceProxyOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<ServiceProxyHost>();
    private readonly ServiceRules _rules = new(options);
    private readonly NftTable _kernel = new(options);
    private readonly RuleTable _table = new();
    private readonly ProxyActivity _activity = new(time);
    private readonly Dictionary<NamespacedName, IReadOnlyDictionary<Frontend, HashSet<string>>> _datagrams = [];
    private readonly List<IReadOnlyList<string>> _staleFlows = [];

    /// <summary>Runs until cancelled; the table stays, so that pods go on reaching Services.</summary>
    /// <exception cref="NetworkToolException">The kernel does not do what it has to.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var informers = new InformerFactory(client, time, loggers);
        var feed = new ServiceFeed(informers, options.NodeName);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = informers.RunAsync(ending.Token);
        var following = FollowAsync(feed, informers, ending.Token);
        try
        {
            await await Task.WhenAny(watching, following);
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)Task.WhenAll(watching, following)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(ServiceFeed feed, InformerFactory informers, CancellationToken cancellationToken)
    {
        await informers.WaitForSyncAsync(cancellationToken);
        await using var health = new HealthCheckServers(loggers);
        await using var status = options.StatusAddresses.Count == 0
            ? null
            : await new ProxyStatusServer(_activity, time).StartAsync(options.StatusAddresses, loggers, cancellationToken);
        ProxyNode? node = null;
        IReadOnlyList<IPAddress> addresses = [];
        var isCurrent = false;
        var checkedAt = time.GetUtcNow();
        while (true)
        {
            var known = Describe(feed.Node);
            if (known != node)
            {
                feed.AddAll();
                node = known;
            }
            var nodePortAddresses = NodePortAddresses(feed.Node);
            isCurrent &= nodePortAddresses.SequenceEqual(addresses);
            addresses = nodePortAddresses;
            var changed = feed.TakeChanged();
            _activity.Queued(changed.Count, IsLeaving(feed.Node));
            foreach (var key in changed)
            {
                await RefreshAsync(feed, key, node, health, cancellationToken);
            }
            isCurrent = await WriteAsync(isCurrent, addresses, cancellationToken);
            await ForgetStaleFlowsAsync(cancellationToken);
            await WaitAsync(feed, checkedAt + options.CheckEvery - time.GetUtcNow(), cancellationToken);
            // However much changes in between, somebody else's change to the table is noticed.
            if (time.GetUtcNow() >= checkedAt + options.CheckEvery)
            {
                checkedAt = time.GetUtcNow();
                if (!await _kernel.ExistsAsync(cancellationToken))
                {
                    LogGone(options.Table);
                    isCurrent = false;
                }
            }
        }
    }

    private async Task RefreshAsync(ServiceFeed feed, NamespacedName key, ProxyNode node, HealthCheckServers health, CancellationToken cancellationToken)
    {
        var service = feed.Service(key);
        var slices = feed.Slices(key);
        var parts = service is null ? new RuleParts() : _rules.Of(service, slices, node);
        _table.Replace(key, parts.All);
        _staleFlows.AddRange(StaleFlows.Commands(_datagrams.GetValueOrDefault(key) ?? new Dictionary<Frontend, HashSet<string>>(), parts.Datagrams));
        if (parts.Datagrams.Count == 0)
        {
            _datagrams.Remove(key);
        }
        else
        {
            _datagrams[key] = parts.Datagrams;
        }
        var port = service is not null && ServiceRules.IsProxied(service) ? service.Spec.HealthCheckNodePort ?? 0 : 0;
        await health.SetAsync(key, port, LocalEndpoints.Count(slices, node.Name), cancellationToken);
    }

    /// <summary>Takes what changed to the kernel. Where the kernel does not have what it is thought to have, it is given everything anew.</summary>
    private async Task<bool> WriteAsync(bool isCurrent, IReadOnlyList<IPAddress> addresses, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        var changes = _table.TakeChanges();
        if (isCurrent)
        {
            try
            {
                await _kernel.ApplyAsync(changes, cancellationToken);
                _activity.Synced(time.GetElapsedTime(begin), wasFull: false);
                return true;
            }
            catch (NetworkToolException exception)
            {
                _activity.Failed();
                LogRefused(exception.Message);
            }
        }
        await _kernel.ReplaceAsync(addresses, _table.All(), cancellationToken);
        _activity.Synced(time.GetElapsedTime(begin), wasFull: true);
        LogReplaced(options.Table);
        return true;
    }

    private async Task ForgetStaleFlowsAsync(CancellationToken cancellationToken)
    {
        foreach (var command in _staleFlows)
        {
            try
            {
                await NetworkTool.RunCheckedAsync("conntrack", command, "", cancellationToken);
            }
            catch (NetworkToolException exception) when (exception.Message.Contains(" 0 flow entries", StringComparison.Ordinal))
            {
                // conntrack takes it for a failure that there was nothing to delete
            }
        }
        _staleFlows.Clear();
    }

    /// <summary>Waits for a change, or until it is time to look at the table.</summary>
    private async Task WaitAsync(ServiceFeed feed, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            await feed.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // it is time
        }
    }

    /// <summary>A node that is deleted, or that an autoscaler is about to take away, is to get no new traffic from outside.</summary>
    private static bool IsLeaving(Node? node) =>
        node is not null && (node.Metadata.DeletionTimestamp is not null || node.Spec.Taints.Any(static taint => taint.Key == "ToBeDeletedByClusterAutoscaler"));

    private ProxyNode Describe(Node? node) => new(options.NodeName, node?.Metadata.Labels.GetValueOrDefault("topology.kubernetes.io/zone"));

    private IReadOnlyList<IPAddress> NodePortAddresses(Node? node)
    {
        if (options.NodePortAddresses.Count == 0)
        {
            return
            [
                .. (node?.Status.Addresses ?? [])
                    .Where(static address => address.Type == "InternalIP")
                    .Select(static address => IPAddress.Parse(address.Address)),
            ];
        }
        return
        [
            .. NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(static link => link.GetIPProperties().UnicastAddresses)
                .Select(static unicast => unicast.Address)
                .Where(address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal
                    && options.NodePortAddresses.Any(network => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address)))
                .Distinct(),
        ];
    }

    [LoggerMessage(LogLevel.Information, "The table {Table} was written anew")]
    private partial void LogReplaced(string table);

    [LoggerMessage(LogLevel.Warning, "Somebody has deleted the table {Table}")]
    private partial void LogGone(string table);

    [LoggerMessage(LogLevel.Warning, "The kernel refuses a change: {Reason}")]
    private partial void LogRefused(string reason);
}
