using Kybernet.Api.Core.V1;
using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;
using Microsoft.Extensions.Logging;

namespace Kybernet.Scheduler;

/// <summary>
/// Takes pods from the queue one after another, decides on a node for each, and has it bound beside the loop. What it knows of the cluster comes
/// through <see cref="ClusterFeed"/>, what it writes goes through <see cref="ISchedulerApi"/>: it runs as well without an API server.
/// </summary>
internal sealed partial class PodScheduler : IDisposable
{
    // The API server refuses longer notes of events.
    private const int MaxNote = 1024;

    private readonly ISchedulerApi _api;
    private readonly BackgroundWork _background;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<string, Profile> _profiles = new(StringComparer.Ordinal);
    private readonly NodeSearch _search;

    public PodScheduler(
        SchedulerOptions options, IClusterView cluster, ISchedulerApi api, BackgroundWork background, TimeProvider time, ILogger logger)
    {
        _api = api;
        _background = background;
        _time = time;
        _logger = logger;
        Cache = new SchedulerCache(time, options.AssumedPodExpiry);
        var random = options.Seed is { } seed ? new Random(seed) : new Random();
        var counts = new PodCounts();
        foreach (var profile in options.Profiles)
        {
            var context = new PluginContext(profile.SchedulerName, Compiler, Snapshot, cluster, api, time)
            {
                Random = random,
                Nominations = Nominations,
                PodCounts = counts,
                Background = background,
            };
            if (!_profiles.TryAdd(profile.SchedulerName, new Profile(profile, options, context)))
            {
                throw new ArgumentException($"there are two profiles \"{profile.SchedulerName}\"");
            }
        }
        Queue = new SchedulingQueue(options.Queue, _profiles.Values.First().Sort.Compare, time);
        Metrics = new SchedulerMetrics(() => Queue.Counts);
        _search = new NodeSearch(Snapshot, Nominations, random);
    }

    public FactsCompiler Compiler { get; } = new();

    public Snapshot Snapshot { get; } = new();

    public Nominations Nominations { get; } = new();

    public SchedulerCache Cache { get; }

    public SchedulingQueue Queue { get; }

    public SchedulerMetrics Metrics { get; }

    /// <summary>The profile that a pod asks for; null where it is another scheduler's.</summary>
    public Profile? ProfileOf(PodFacts pod) => _profiles.GetValueOrDefault(pod.SchedulerName);

    public void Dispose() => Queue.Dispose();

    /// <summary>Schedules until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Schedule(await Queue.PopAsync(cancellationToken));
        }
    }

    /// <summary>Schedules the next pod; false where none waits.</summary>
    public bool TryScheduleOne()
    {
        if (Queue.TryPop() is not { } pod)
        {
            return false;
        }
        Schedule(pod);
        return true;
    }

    private void Schedule(QueuedPod queued)
    {
        var pod = queued.Pod;
        var profile = (Profile)queued.Profile;
        if (pod.IsDeleting)
        {
            _api.Report(pod, null, "Warning", "FailedScheduling", "Scheduling", $"skip schedule deleting pod: {pod.Key.Namespace}/{pod.Key.Name}");
            Queue.Done(queued);
            return;
        }
        if (Cache.IsAssumed(pod.Uid))
        {
            Queue.Done(queued);
            return;
        }
        Metrics.CountAttempt();
        Cache.Update(Snapshot);
        var state = profile.NewState();
        try
        {
            Decide(queued, profile, state, pod);
        }
        catch (Exception exception)
        {
            // A plugin threw. The pod is tried again after a back-off; the others must not suffer.
            LogBroken(exception, pod.Key.Namespace, pod.Key.Name);
            Cache.Forget(pod);
            Break(queued, PluginStatus.Failed(exception));
        }
    }

    private void Decide(QueuedPod queued, Profile profile, CycleState state, PodFacts pod)
    {
        if (Snapshot.Count == 0)
        {
            Refuse(queued, "no nodes available to schedule pods", 0, null);
            return;
        }
        var (node, status) = _search.Find(profile, state, pod);
        if (node is null)
        {
            if (!status.IsRejection)
            {
                Break(queued, status);
                return;
            }
            MakeRoom(queued, profile, state, pod);
            return;
        }
        Place(queued, profile, state, pod, node.Name);
    }

    private void MakeRoom(QueuedPod queued, Profile profile, CycleState state, PodFacts pod)
    {
        var diagnosis = _search.Diagnosis;
        string? nominated = null;
        if (profile.HasPostFilters)
        {
            var result = profile.RunPostFilters(state, pod, diagnosis);
            if (result.Status.Code == StatusCode.Error)
            {
                LogBroken(result.Status.Error, pod.Key.Namespace, pod.Key.Name);
            }
            nominated = result.NominatedNode;
            if (result.Status.IsSuccess)
            {
                Metrics.CountPreemption();
            }
        }
        Refuse(queued, diagnosis.Message(), diagnosis.RejectedBy, nominated);
    }

    private void Place(QueuedPod queued, Profile profile, CycleState state, PodFacts pod, string node)
    {
        Cache.Assume(pod, node);
        Nominations.Remove(pod.Uid);
        var status = profile.Reserve(state, pod, node, out var rejectedBy);
        if (status.IsSuccess)
        {
            status = profile.Permit(state, pod, node, out rejectedBy);
        }
        if (status.IsSuccess || status.Code == StatusCode.Wait)
        {
            _background.Start(cancellationToken => BindAsync(queued, profile, state, pod, node, cancellationToken));
            return;
        }
        Undo(profile, state, pod, node);
        Reject(queued, status, rejectedBy);
    }

    private async Task BindAsync(
        QueuedPod queued, Profile profile, CycleState state, PodFacts pod, string node, CancellationToken cancellationToken)
    {
        PluginStatus status;
        ulong rejectedBy = 0;
        try
        {
            (status, rejectedBy) = await profile.BindAsync(state, pod, node, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            status = PluginStatus.Failed(new InvalidOperationException($"binding rejected: running Bind plugin \"DefaultBinder\": {exception.Message}", exception));
        }
        if (!status.IsSuccess)
        {
            Undo(profile, state, pod, node);
            // What was held is free again: who was refused because of it may fit now.
            Queue.MoveOn(new ClusterEvent(ClusterResource.AssignedPod, ClusterActions.Delete) { OldPod = pod });
            Reject(queued, status, rejectedBy);
            return;
        }
        Cache.FinishBinding(pod);
        Queue.Done(queued);
        Metrics.CountScheduled();
        _api.Report(pod, null, "Normal", "Scheduled", "Binding", $"Successfully assigned {pod.Key.Namespace}/{pod.Key.Name} to {node}");
        profile.PostBind(state, pod, node);
    }

    private void Undo(Profile profile, CycleState state, PodFacts pod, string node)
    {
        profile.Unreserve(state, pod, node);
        Cache.Forget(pod);
    }

    // After a node was chosen, what refuses is about that node alone.
    private void Reject(QueuedPod queued, PluginStatus status, ulong rejectedBy)
    {
        if (status.IsRejection)
        {
            Refuse(queued, $"0/1 nodes are available: 1 {status.Message}.", rejectedBy, null);
            return;
        }
        Break(queued, status);
    }

    private void Break(QueuedPod queued, PluginStatus status)
    {
        Metrics.CountError();
        LogError(status.Message, queued.Pod.Key.Namespace, queued.Pod.Key.Name);
        Return(queued, status.Message, "SchedulerError", 0, null);
    }

    private void Refuse(QueuedPod queued, string message, ulong rejectedBy, string? nominated)
    {
        Metrics.CountUnschedulable();
        Return(queued, message, "Unschedulable", rejectedBy, nominated);
    }

    private void Return(QueuedPod queued, string message, string reason, ulong rejectedBy, string? nominated)
    {
        var pod = queued.Pod;
        if (nominated is not null)
        {
            Nominations.Set(pod, nominated);
        }
        Queue.Return(queued, rejectedBy);
        var note = message.Length <= MaxNote ? message : string.Concat(message.AsSpan(0, MaxNote - 4), " ...");
        _api.Report(pod, null, "Warning", "FailedScheduling", "Scheduling", note);
        var condition = new PodCondition
        {
            Type = "PodScheduled",
            Status = "False",
            Reason = reason,
            Message = message,
            ObservedGeneration = pod.Pod.Metadata.Generation,
            LastTransitionTime = _time.GetUtcNow(),
        };
        if (ConditionChange.IsNeeded(pod.Pod, condition, nominated))
        {
            _background.Start(cancellationToken => _api.PatchStatusAsync(pod.Pod, condition, nominated, cancellationToken));
        }
    }

    [LoggerMessage(LogLevel.Error, "Scheduling of {Namespace}/{Name} broke")]
    private partial void LogBroken(Exception? exception, string @namespace, string name);

    [LoggerMessage(LogLevel.Error, "Scheduling of {Namespace}/{Name} failed, it is tried again: {Problem}")]
    private partial void LogError(string problem, string @namespace, string name);
}
