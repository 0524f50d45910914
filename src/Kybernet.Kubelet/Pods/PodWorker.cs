using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Kubelet.Runtime;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Pods;

/// <summary>
/// Looks after one pod from the moment it is seen until nothing is left of it, one step at a time:
/// 1. syncing: it runs as it should;
/// 2. terminating, once it is to be deleted, is gone from the API, has passed its deadline or is over by itself: everything is stopped;
/// 3. terminated: volumes and cgroups are gone, the last status is written, and the API server may forget it;
/// 4. removed, once it has: containers, logs and files go.
/// There is no way back. After a restart of the kubelet it begins at 1 and gets to where it was by what the runtime says.
/// </summary>
internal sealed partial class PodWorker(
    PodIdentity identity, PodServices services, PodPlanner planner, PodSyncer syncer, PodTerminator terminator, PodStatusBuilder statuses, PodResizer resizer,
    StatusWriter writer, ILogger logger)
{
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(2);

    private readonly WakeSignal _wake = new();
    private readonly Dictionary<string, StartProblem> _problems = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private CancellationTokenSource? _step;
    private Pod? _pod;
    private bool _isRemoved;
    private TimeSpan? _evictionGrace;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Stage _stage;
    private StartProblem? _ending;
    private PodStatus? _lastStatus;
    private DateTimeOffset _volumesRefreshed;
    private bool _areVolumesStale;

    private enum Stage
    {
        Syncing,
        Terminating,
        Terminated,
    }

    /// <summary>The pod as it was last seen; null where the API server never knew it in this kubelet's time.</summary>
    public Pod? Pod => Volatile.Read(ref _pod);

    /// <summary>The status that was last worked out; null before that.</summary>
    public PodStatus? Status => Volatile.Read(ref _lastStatus);

    /// <summary>Whether it wants more of the node than there is at the moment.</summary>
    public bool WaitsForRoom => resizer.State.Refusal is not null;

    /// <summary>Shows it the pod's new state.</summary>
    public void Update(Pod pod)
    {
        Pod? before;
        lock (_gate)
        {
            before = _pod;
            Volatile.Write(ref _pod, pod);
            if (GraceOf(pod) is { } grace && (before is null || GraceOf(before) is not { } earlier || grace < earlier))
            {
                // It is to end, or to end sooner: what is being done may take long and is of no use any more.
                _step?.Cancel();
            }
        }
        services.Objects.Follow(pod);
        // Its own status coming back is nothing new: looking again at once would only repeat what is told about back-offs.
        if (before is null || !ModelJson.Same(Wanted(before), Wanted(pod)))
        {
            RefreshVolumes();
        }
    }

    /// <summary>Tells it that what its volumes show may have changed.</summary>
    public void RefreshVolumes()
    {
        Volatile.Write(ref _areVolumesStale, true);
        Wake();
    }

    /// <summary>Tells it that the API server has forgotten the pod.</summary>
    public void Remove()
    {
        lock (_gate)
        {
            _isRemoved = true;
            if (_stage == Stage.Syncing)
            {
                _step?.Cancel();
            }
        }
        Wake();
    }

    /// <summary>Whether it has ended for good, and only its status is left to be told.</summary>
    public bool IsOver => Over.IsCompleted;

    /// <summary>Completes when it has.</summary>
    public Task Over => _over.Task;

    /// <summary>Ends the pod for the node's sake, in another time than its own.</summary>
    /// <returns>Whether it was not ending before.</returns>
    public bool Evict(StartProblem why, TimeSpan grace)
    {
        lock (_gate)
        {
            if (_evictionGrace is not null || _stage != Stage.Syncing || MustEnd())
            {
                return false;
            }
            _evictionGrace = grace;
            _ending = why;
            _step?.Cancel();
        }
        Wake();
        return true;
    }

    /// <summary>Tells it that something about the pod may have changed.</summary>
    public void Wake() => _wake.Wake();

    /// <summary>Looks after the pod until nothing is left of it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan wait;
            using (var step = BeginStep(cancellationToken))
            {
                try
                {
                    if (await StepAsync(step.Token) is not { } next)
                    {
                        return;
                    }
                    wait = next;
                }
                catch (OperationCanceledException) when (step.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                {
                    wait = TimeSpan.Zero;
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    // One pod's trouble, of whatever kind, is told and tried again; the others' workers go on.
                    LogFailed(exception, identity.Namespace, identity.Name);
                    wait = RetryAfterFailure;
                }
                finally
                {
                    EndStep();
                }
            }
            if (wait > TimeSpan.Zero)
            {
                await _wake.WaitAsync(wait, services.Time, cancellationToken);
            }
        }
    }

    private CancellationTokenSource BeginStep(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _step = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        }
    }

    private void EndStep()
    {
        lock (_gate)
        {
            _step = null;
        }
    }

    // What others want of the pod: all of it but the kubelet's part of the status.
    private static Pod Wanted(Pod pod) => pod with
    {
        Metadata = pod.Metadata with { ResourceVersion = null },
        Status = new PodStatus
        {
            Phase = PodPhase.IsFinal(pod.Status.Phase) ? pod.Status.Phase : null,
            Conditions = [.. pod.Status.Conditions.Where(condition => !PodConditionTypes.IsOwned(condition.Type))],
        },
    };

    // When to look again; null where there is nothing left to look at.
    private async Task<TimeSpan?> StepAsync(CancellationToken cancellationToken)
    {
        if (_stage == Stage.Syncing && !MustEnd())
        {
            var next = await SyncAsync(Pod!, cancellationToken);
            if (_stage == Stage.Syncing)
            {
                return next;
            }
        }
        if (_stage != Stage.Terminated)
        {
            _stage = Stage.Terminating;
            await TerminateAsync(cancellationToken);
            _stage = Stage.Terminated;
            _over.TrySetResult();
        }
        if (_isRemoved || Pod is null)
        {
            var state = await PodStateReader.ReadAsync(services.Runtime, identity.Uid, cancellationToken);
            await terminator.RemoveAsync(identity, state, cancellationToken);
            writer.Forget(identity.Uid);
            services.Grants.Forget(identity.Uid);
            return null;
        }
        // Seen again: the API server may want it deleted by now, or may have a status that is not the last one.
        writer.Set(Pod, _lastStatus!, isGone: true);
        return services.Options.SyncPeriod;
    }

    private bool MustEnd() => _isRemoved || _evictionGrace is not null || Pod is not { } pod || pod.Metadata.DeletionTimestamp is not null || PodPhase.IsFinal(pod.Status.Phase);

    private async Task<TimeSpan> SyncAsync(Pod pod, CancellationToken cancellationToken)
    {
        var state = await ObserveAsync(pod, cancellationToken);
        if (DeadlineOf(pod) is { } deadline && deadline <= TimeSpan.Zero)
        {
            _ending = new StartProblem("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
            services.Events.Normal(pod, _ending.Value.Reason, _ending.Value.Message);
            _stage = Stage.Terminating;
            return TimeSpan.Zero;
        }
        if (state.Sandboxes.Count == 0 && state.Containers.Count == 0 && await services.Admission.FindProblemAsync(pod, cancellationToken) is { } refusal)
        {
            _ending = refusal with { Message = $"Pod was rejected: {refusal.Message}" };
            services.Events.Warning(pod, refusal.Reason, refusal.Message);
            _stage = Stage.Terminating;
            return TimeSpan.Zero;
        }
        pod = resizer.Ask(WithStatus(pod));
        var plan = planner.Plan(pod, state);
        if (plan is { KillAll: true, CreateSandbox: false })
        {
            _stage = Stage.Terminating;
            return TimeSpan.Zero;
        }
        SetStatus(pod, state, isOver: false);
        var wait = services.Options.SyncPeriod;
        var areVolumesStale = Interlocked.Exchange(ref _areVolumesStale, false);
        if (!plan.IsEmpty)
        {
            var retry = await syncer.ApplyAsync(pod, state, plan, _problems, cancellationToken);
            _volumesRefreshed = services.Time.GetUtcNow();
            state = await ObserveAsync(pod, cancellationToken);
            SetStatus(pod, state, isOver: false);
            wait = retry ?? wait;
        }
        else if (areVolumesStale || services.Time.GetUtcNow() - _volumesRefreshed >= services.Options.SyncPeriod)
        {
            await syncer.RefreshVolumesAsync(pod, plan.Sandbox, cancellationToken);
            _volumesRefreshed = services.Time.GetUtcNow();
        }
        if (resizer.State.IsUnsettled)
        {
            resizer.Settle(pod, state);
            SetStatus(pod, state, isOver: false);
        }
        return DeadlineOf(pod) is { } left && left < wait ? left : wait;
    }

    private async Task<PodRuntimeState> ObserveAsync(Pod pod, CancellationToken cancellationToken)
    {
        var state = await PodStateReader.ReadAsync(services.Runtime, identity.Uid, cancellationToken);
        var address = services.AddressesOf(pod, state.Sandboxes.Count > 0 ? state.Sandboxes[0] : null).Pod is [var first, ..] ? first : "";
        services.Probes.Update(pod, state, address, Wake);
        return state;
    }

    private TimeSpan? DeadlineOf(Pod pod) => pod.Spec.ActiveDeadlineSeconds is { } seconds && (_lastStatus?.StartTime ?? pod.Status.StartTime) is { } started
        ? started + TimeSpan.FromSeconds(seconds) - services.Time.GetUtcNow()
        : null;

    private async Task TerminateAsync(CancellationToken cancellationToken)
    {
        await services.Probes.StopLivenessAndStartupAsync(identity.Uid);
        var pod = Pod;
        var state = await PodStateReader.ReadAsync(services.Runtime, identity.Uid, cancellationToken);
        if (pod is not null)
        {
            pod = services.Grants.Apply(WithStatus(pod));
            SetStatus(pod, state, isOver: false);
        }
        await terminator.StopAsync(pod, state, GraceFor(pod), cancellationToken);
        state = await PodStateReader.ReadAsync(services.Runtime, identity.Uid, cancellationToken);
        if (state.IsAnyRunning || state.Sandboxes.Any(sandbox => sandbox.IsReady))
        {
            throw new ContainerRuntimeException(Grpc.Core.StatusCode.Internal, "something of the pod still runs after it was stopped", null);
        }
        if (pod is not null)
        {
            // The newest state of the pod counts from here on; worked out while the files of its last words are still there.
            _lastStatus = Work(services.Grants.Apply(WithStatus(Pod!)), state, isOver: true);
        }
        await terminator.CleanAsync(identity.Uid, cancellationToken);
        services.Grants.Return(identity.Uid);
    }

    private TimeSpan? GraceFor(Pod? pod)
    {
        if (pod is null)
        {
            return null;
        }
        return _evictionGrace ?? TimeSpan.FromSeconds(GraceOf(pod) ?? pod.Spec.TerminationGracePeriodSeconds ?? ContainerKiller.DefaultGraceSeconds);
    }

    // How long a pod that is to be deleted may take; null where it is not.
    private static long? GraceOf(Pod pod) => pod.Metadata.DeletionTimestamp is null ? null : pod.Metadata.DeletionGracePeriodSeconds ?? 0;

    private void SetStatus(Pod pod, PodRuntimeState state, bool isOver)
    {
        Volatile.Write(ref _lastStatus, Work(pod, state, isOver));
        // Compared with what the API server has of it, which is not what the status was worked out from.
        writer.Set(Pod!, _lastStatus!, isGone: false);
    }

    private PodStatus Work(Pod pod, PodRuntimeState state, bool isOver)
    {
        var basis = WithStatus(pod);
        if (_evictionGrace is not null)
        {
            basis = PodConditions.WithDisruption(basis, _ending!.Value.Message, services.Time.GetUtcNow());
        }
        return statuses.Build(basis, new StatusInputs(state, _problems, isOver, _ending, resizer.State));
    }

    // What was worked out last is the basis: the informer may be a write behind. Others' conditions are as the API server has them.
    private Pod WithStatus(Pod pod) => _lastStatus is not { } last ? pod : pod with
    {
        Status = last with
        {
            Conditions = [.. last.Conditions.Where(condition => PodConditionTypes.IsOwned(condition.Type)),
                .. pod.Status.Conditions.Where(condition => !PodConditionTypes.IsOwned(condition.Type))],
        },
    };

    [LoggerMessage(LogLevel.Warning, "Pod {Namespace}/{Name} could not be brought to its wanted state")]
    private partial void LogFailed(Exception exception, string @namespace, string name);
}
