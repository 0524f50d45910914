using System.Threading.Channels;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Client;
using Kybernet.Network.Nftables;
using Kybernet.Network.Processes;
using Microsoft.Extensions.Logging;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.Network.Policies;

/// <summary>
/// Enforces the cluster's network policies for the pods of a node. What has changed while a transaction was on its way goes into the next one.
/// </summary>
/// <param name="options">What it has to be told.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Where it tells what it does.</param>
public sealed partial class NetworkPolicyHost(NetworkPolicyOptions options, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>How soon a table that somebody else has deleted comes back.</summary>
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<NetworkPolicyHost>();
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Announcement> _announced = new(StringComparer.Ordinal);

    /// <summary>Those of <see cref="_applied"/> whose changes are on their way. Of the loop alone.</summary>
    private readonly List<TaskCompletionSource> _onTheirWay = [];

    private NftTable _table = PolicyTable.Create(options);
    private PolicyIndex? _index;

    /// <summary>Completes with the transaction that carries what has changed until now.</summary>
    private TaskCompletionSource _applied = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs until cancelled, and may then run again. The rules stay in force.</summary>
    /// <param name="client">Reads policies, pods, namespaces and the node.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="NetworkToolException">The kernel does not do what it has to.</exception>
    public async Task RunAsync(ApiClient client, CancellationToken cancellationToken)
    {
        var informers = new InformerFactory(client, time, loggers);
        var index = Reset();
        informers.Informer<Node>("", new ListSelection(FieldSelector: $"metadata.name={options.NodeName}")).AddHandler(new InformerHandler<Node>(
            added => Change(() => index.SetNode(added)),
            (_, current) => Change(() => index.SetNode(current)),
            _ => Change(() => index.SetNode(null))));
        informers.Informer<EndpointSlice>(DnsEndpoints.Namespace, DnsEndpoints.Selection).AddHandler(new InformerHandler<EndpointSlice>(
            added => Change(() => index.SetDns(null, added)),
            (previous, current) => Change(() => index.SetDns(previous, current)),
            deleted => Change(() => index.SetDns(deleted, null))));
        informers.Informer<NetworkPolicy>().AddHandler(new InformerHandler<NetworkPolicy>(
            added => Change(() => index.SetPolicy(added)),
            (_, current) => Change(() => index.SetPolicy(current)),
            deleted => Change(() => index.RemovePolicy(deleted))));
        informers.Informer<Namespace>().AddHandler(new InformerHandler<Namespace>(
            added => Change(() => index.SetNamespace(added.Metadata.Name ?? "", added.Metadata.Labels)),
            (_, current) => Change(() => index.SetNamespace(current.Metadata.Name ?? "", current.Metadata.Labels)),
            deleted => Change(() => index.SetNamespace(deleted.Metadata.Name ?? "", null))));
        informers.Informer<Pod>().AddHandler(new InformerHandler<Pod>(
            added => Change(() => index.SetPod(added)),
            (_, current) => Change(() => index.SetPod(current)),
            deleted => Change(() => index.RemovePod(deleted))));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = informers.RunAsync(ending.Token);
        var following = FollowAsync(informers, ending.Token);
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

    /// <summary>
    /// Puts the rules of a pod of this node in force, that has addresses and is about to start. The kubelet waits for it before it starts a container; the
    /// pod's status tells of the addresses only later.
    /// </summary>
    public async Task AdmitAsync(Pod pod, IReadOnlyList<IPAddress> addresses, CancellationToken cancellationToken)
    {
        var uid = pod.Metadata.Uid ?? "";
        Announcement? announcement;
        lock (_gate)
        {
            if (!_announced.TryGetValue(uid, out announcement) || !announcement.Addresses.SequenceEqual(addresses))
            {
                _announced[uid] = announcement = new Announcement(addresses, _applied.Task);
                _index?.SetPod(pod);
                _changes.Writer.TryWrite(true);
            }
        }
        await announcement.Applied.WaitAsync(cancellationToken);
    }

    private PolicyIndex Reset()
    {
        lock (_gate)
        {
            _table = PolicyTable.Create(options);
            return _index = new PolicyIndex(options.NodeName, _table, _announced);
        }
    }

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
        }
        _changes.Writer.TryWrite(true);
    }

    private async Task FollowAsync(InformerFactory informers, CancellationToken cancellationToken)
    {
        await informers.WaitForSyncAsync(cancellationToken);
        var isAnew = true;
        while (true)
        {
            await ApplyChangesAsync(isAnew, cancellationToken);
            isAnew = false;
            if (!await WaitAsync(cancellationToken) && !await HasTableAsync(options, cancellationToken))
            {
                LogLost(options.Table);
                isAnew = true;
            }
        }
    }

    private async Task ApplyChangesAsync(bool isAnew, CancellationToken cancellationToken)
    {
        string script;
        int policies, chains, elements;
        lock (_gate)
        {
            script = isAnew ? _table.TakeAll() : _table.TakeChanges();
            (policies, chains, elements) = (_index!.PolicyCount, _table.ChainCount, _table.ElementCount);
            _onTheirWay.Add(_applied);
            _applied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        if (script.Length > 0)
        {
            try
            {
                await ApplyAsync(script, cancellationToken);
            }
            catch (NetworkToolException exception) when (!isAnew)
            {
                // Somebody else has changed the table, so that a difference does not fit any more: the whole does.
                LogMisfit(options.Table, exception.Message);
                lock (_gate)
                {
                    script = _table.TakeAll();
                }
                await ApplyAsync(script, cancellationToken);
            }
            LogApplied(policies, chains, elements);
        }
        foreach (var applied in _onTheirWay)
        {
            applied.SetResult();
        }
        _onTheirWay.Clear();
    }

    /// <summary>Waits for a change.</summary>
    /// <returns>Whether there was one; otherwise the time is over.</returns>
    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(CheckEvery, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await _changes.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task<bool> HasTableAsync(NetworkPolicyOptions options, CancellationToken cancellationToken)
    {
        var tables = await NetworkTool.RunCheckedAsync("nft", ["list", "tables", "inet"], "", cancellationToken);
        return tables.Split('\n').Contains($"table inet {options.Table}");
    }

    private static Task ApplyAsync(string script, CancellationToken cancellationToken) =>
        NetworkTool.RunCheckedAsync("nft", ["-f", "-"], script, cancellationToken);

    [LoggerMessage(LogLevel.Debug, "The kernel has {Policies} network policies, in {Chains} chains and {Elements} elements of sets")]
    private partial void LogApplied(int policies, int chains, int elements);

    [LoggerMessage(LogLevel.Warning, "The nft table {Table} is gone; it is made anew")]
    private partial void LogLost(string table);

    [LoggerMessage(LogLevel.Warning, "The nft table {Table} is not as it was left, and is made anew: {Reason}")]
    private partial void LogMisfit(string table, string reason);
}
