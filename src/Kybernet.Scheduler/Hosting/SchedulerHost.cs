using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Hosting;
using Kybernet.Scheduler.Queue;
using Microsoft.Extensions.Logging;

namespace Kybernet.Scheduler;

/// <summary>
/// A scheduler of a cluster: follows its pods and nodes, and binds pods. Who wants an active one and standbys has a
/// <c>LeaderElector</c> run this.
/// </summary>
public sealed partial class SchedulerHost
{
    private static readonly TimeSpan BackoffFlush = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UnschedulableFlush = TimeSpan.FromSeconds(30);

    private readonly ApiClient _client;
    private readonly InformerFactory? _informers;
    private readonly SchedulerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private volatile SchedulerMetrics? _metrics;

    /// <summary>A scheduler with informers of its own.</summary>
    /// <param name="client">Where the cluster is.</param>
    /// <param name="options">How it works.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it logs.</param>
    public SchedulerHost(ApiClient client, SchedulerOptions options, TimeProvider time, ILoggerFactory loggers)
        : this(client, null, options, time, loggers)
    {
    }

    /// <summary>A scheduler that shares informers, which its owner runs, with other components of the process.</summary>
    /// <param name="client">Where the cluster is.</param>
    /// <param name="informers">The shared informers; null for its own.</param>
    /// <param name="options">How it works.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it logs.</param>
    public SchedulerHost(ApiClient client, InformerFactory? informers, SchedulerOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _client = client;
        _informers = informers;
        _options = options;
        _time = time;
        _loggers = loggers;
        _logger = loggers.CreateLogger("Kybernet.Scheduler");
    }

    /// <summary>What it has done; null before it runs.</summary>
    public SchedulerMetrics? Metrics => _metrics;

    /// <summary>Schedules until cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled: the only way it ends.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var informers = _informers ?? new InformerFactory(_client, _time, _loggers);
        var events = new EventWriter(_client, Environment.MachineName.ToLowerInvariant(), _time, _logger);
        using var api = new ApiWrites(_client, events, _options.ParallelRequests, _time);
        var background = new BackgroundWork(_logger, stop.Token);
        var view = new InformedView(informers);
        using var scheduler = new PodScheduler(_options, view, api, background, _time, _logger);
        _metrics = scheduler.Metrics;
        var feed = new ClusterFeed(scheduler);
        var nodes = informers.Informer<Node>();
        var pods = informers.Informer<Pod>();
        var loops = new List<Task> { events.RunAsync(stop.Token) };
        if (_informers is null)
        {
            loops.Add(informers.RunAsync(stop.Token));
        }
        try
        {
            nodes.AddHandler(new InformerHandler<Node>(feed.NodeAdded, (_, current) => feed.NodeUpdated(current), feed.NodeDeleted));
            view.Volumes.Feed(scheduler.Queue);
            pods.AddHandler(new InformerHandler<Pod>(feed.PodAdded, feed.PodUpdated, feed.PodDeleted));
            await Task.WhenAll(view.WaitForSyncAsync(stop.Token), nodes.WaitForSyncAsync(stop.Token), pods.WaitForSyncAsync(stop.Token));
            LogStarted(scheduler.Cache.NodeCount);
            loops.Add(Task.Run(() => scheduler.RunAsync(stop.Token), stop.Token));
            loops.Add(EveryAsync(BackoffFlush, () => FlushShort(scheduler), stop.Token));
            loops.Add(EveryAsync(UnschedulableFlush, scheduler.Queue.FlushUnschedulable, stop.Token));
            await await Task.WhenAny(loops);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await background.WhenIdleAsync();
        }
    }

    private static void FlushShort(PodScheduler scheduler)
    {
        scheduler.Queue.FlushBackoff();
        foreach (var pod in scheduler.Cache.Expire())
        {
            scheduler.Queue.MoveOn(new ClusterEvent(ClusterResource.AssignedPod, ClusterActions.Delete) { OldPod = pod });
        }
    }

    private async Task EveryAsync(TimeSpan period, Action action, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(period, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            action();
        }
    }

    [LoggerMessage(LogLevel.Information, "Scheduler started with {Nodes} nodes")]
    private partial void LogStarted(int nodes);
}
