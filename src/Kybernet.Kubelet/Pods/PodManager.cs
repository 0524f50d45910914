using System.Collections.Concurrent;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.StaticPods;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Pods;

/// <summary>Has a worker for each pod of the node, and ends what the runtime still has of pods that nobody knows.</summary>
internal sealed partial class PodManager(
    PodServices services, IInformer<Pod> pods, StatusWriter writer, ILogger<PodManager> logger) : IInformerHandler<Pod>
{
    private static readonly TimeSpan LookPatience = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, PodWorker> _workers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);
    private readonly ContainerKiller _killer = new(services.Runtime, services.Hooks, services.Events, services.Time);
    private readonly Lock _gate = new();
    private CancellationTokenSource _ending = new();
    private volatile bool _knowsAllPods;
    private long _looked = services.Time.GetTimestamp();

    /// <summary>Lets pods be shown to it, whose workers run until cancelled, or until <see cref="RunAsync(Func{CancellationToken, Task}, CancellationToken)"/> ends.</summary>
    public void Begin(CancellationToken cancellationToken)
    {
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        services.Objects.Changed += RefreshVolumes;
        services.Grants.Freed += WakeThoseWhoWaitForRoom;
    }

    /// <summary>Looks after pods until cancelled; what runs goes on running.</summary>
    /// <param name="waitForSync">Waits until everything is known that pods of the API server need for their start.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Func<CancellationToken, Task> waitForSync, CancellationToken cancellationToken)
    {
        var looking = WatchRuntimeAsync(cancellationToken);
        try
        {
            await waitForSync(cancellationToken);
            pods.AddHandler(this);
            _knowsAllPods = true;
            await looking;
        }
        finally
        {
            await _ending.CancelAsync();
            await Task.WhenAll([.. _running.Values, looking]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Whether it has been shown all pods that the API server has.</summary>
    public bool KnowsAllPods => _knowsAllPods;

    /// <summary>Whether it has lately looked at what runs.</summary>
    public bool IsLooking => services.Time.GetElapsedTime(Volatile.Read(ref _looked)) < LookPatience;

    /// <summary>The worker of a pod; null where there is none.</summary>
    public PodWorker? Find(string @namespace, string name)
    {
        foreach (var worker in _workers.Values)
        {
            if (worker.Pod is { } pod && pod.Metadata.Name == name && pod.Metadata.Namespace == @namespace)
            {
                return worker;
            }
        }
        return null;
    }

    /// <summary>Tells the worker of a pod that what its volumes show may have changed.</summary>
    public void RefreshVolumes(string uid)
    {
        if (_workers.TryGetValue(uid, out var worker))
        {
            worker.RefreshVolumes();
        }
    }

    /// <summary>All pods with their newest status.</summary>
    public IReadOnlyList<Pod> List()
    {
        var result = new List<Pod>();
        foreach (var worker in _workers.Values)
        {
            if (worker.Pod is { } pod)
            {
                result.Add(worker.Status is { } status ? pod with { Status = status } : pod);
            }
        }
        return result;
    }

    /// <summary>Ends a pod for the node's sake.</summary>
    /// <param name="uid">The pod.</param>
    /// <param name="why">What its status says then.</param>
    /// <param name="grace">How long it may take.</param>
    /// <returns>Whether it was not ending before.</returns>
    public bool Evict(string uid, StartProblem why, TimeSpan grace) => _workers.TryGetValue(uid, out var worker) && worker.Evict(why, grace);

    /// <summary>Ends a pod for the node's sake and waits until nothing of it runs any more.</summary>
    public async Task EvictAndWaitAsync(string uid, StartProblem why, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (_workers.TryGetValue(uid, out var worker))
        {
            worker.Evict(why, grace);
            await worker.Over.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Whether a pod has ended for good, and only its status is left to be told.</summary>
    public bool IsOver(string uid) => _workers.TryGetValue(uid, out var worker) && worker.IsOver;

    /// <summary>Whether something of the pod of a uid is still looked after.</summary>
    public bool Has(string uid) => _workers.ContainsKey(uid);

    /// <summary>Shows it a pod that is new, or has changed.</summary>
    public void Show(Pod pod)
    {
        if (!StaticPodAnnotations.IsMirror(pod))
        {
            Ensure(IdentityOf(pod), worker => worker.Update(pod));
        }
    }

    public void OnAdded(Pod added) => Show(added);

    public void OnUpdated(Pod previous, Pod current)
    {
        // Deleted and made again under its name while nobody looked.
        if (previous.Metadata.Uid != current.Metadata.Uid)
        {
            OnDeleted(previous);
        }
        Show(current);
    }

    public void OnDeleted(Pod deleted)
    {
        if (_workers.TryGetValue(deleted.Metadata.Uid ?? "", out var worker))
        {
            worker.Update(deleted);
            worker.Remove();
            // Deleted by force, it may still run: what it has is not counted any more, as nobody knows of it.
            services.Grants.Return(deleted.Metadata.Uid ?? "");
        }
    }

    private void WakeThoseWhoWaitForRoom()
    {
        foreach (var worker in _workers.Values)
        {
            if (worker.WaitsForRoom)
            {
                worker.Wake();
            }
        }
    }

    /// <summary>Which pod a pod is in the runtime.</summary>
    public static PodIdentity IdentityOf(Pod pod) => new(pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "", pod.Metadata.Uid ?? "");

    private void End(PodIdentity pod) => Ensure(pod, static worker => worker.Remove());

    // A worker is told what it is there for before it starts: one that knew no pod yet would take its containers for nobody's and end them.
    private void Ensure(PodIdentity identity, Action<PodWorker> tell)
    {
        lock (_gate)
        {
            if (_workers.TryGetValue(identity.Uid, out var known))
            {
                tell(known);
                return;
            }
            var resizer = new PodResizer(services);
            var worker = new PodWorker(
                identity,
                services,
                new PodPlanner(services.Probes, services.Node),
                new PodSyncer(services, new ContainerStarter(services, _killer), _killer, resizer),
                new PodTerminator(services, _killer),
                new PodStatusBuilder(services, services.Probes),
                resizer,
                writer,
                logger);
            tell(worker);
            _workers[identity.Uid] = worker;
            _running[identity.Uid] = RunAsync(identity.Uid, worker);
        }
    }

    private async Task RunAsync(string uid, PodWorker worker)
    {
        await Task.Yield();
        try
        {
            await worker.RunAsync(_ending.Token);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The kubelet ends; its pods do not.
        }
        finally
        {
            _workers.TryRemove(uid, out _);
            _running.TryRemove(uid, out _);
        }
    }

    // The runtime is asked as a whole, and only the workers of pods about which it says something new are woken.
    private async Task WatchRuntimeAsync(CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var isFirst = true;
        using var timer = new PeriodicTimer(services.Options.RelistPeriod, services.Time);
        do
        {
            try
            {
                // What is nobody's can be said only once all pods are known: asked first, since the answer comes later.
                var knowsAllPods = _knowsAllPods;
                var seen = await FingerprintsAsync(cancellationToken);
                foreach (var (pod, fingerprint) in seen)
                {
                    if (!known.TryGetValue(pod.Uid, out var before) || before != fingerprint)
                    {
                        WakeOrEnd(pod, knowsAllPods);
                    }
                }
                foreach (var uid in known.Keys)
                {
                    if (!seen.Keys.Any(pod => pod.Uid == uid) && _workers.TryGetValue(uid, out var worker))
                    {
                        worker.Wake();
                    }
                }
                if (knowsAllPods && isFirst)
                {
                    RemoveForgottenFiles();
                    isFirst = false;
                }
                Volatile.Write(ref _looked, services.Time.GetTimestamp());
                known = seen
                    .Where(entry => knowsAllPods || _workers.ContainsKey(entry.Key.Uid))
                    .ToDictionary(entry => entry.Key.Uid, entry => entry.Value, StringComparer.Ordinal);
            }
            catch (ContainerRuntimeException exception)
            {
                LogRuntimeAway(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task<Dictionary<PodIdentity, int>> FingerprintsAsync(CancellationToken cancellationToken)
    {
        var result = new Dictionary<PodIdentity, int>();
        foreach (var sandbox in await services.Runtime.ListSandboxesAsync(null, cancellationToken))
        {
            result[sandbox.Pod] = HashCode.Combine(result.TryGetValue(sandbox.Pod, out var hash) ? hash : 0, sandbox.Id, sandbox.IsReady);
        }
        foreach (var container in await services.Runtime.ListContainersAsync(null, cancellationToken))
        {
            result[container.Pod] = HashCode.Combine(result.TryGetValue(container.Pod, out var hash) ? hash : 0, container.Id, container.State);
        }
        return result;
    }

    private void WakeOrEnd(PodIdentity pod, bool knowsAllPods)
    {
        if (_workers.TryGetValue(pod.Uid, out var worker))
        {
            worker.Wake();
            return;
        }
        // What is no pod of any API server is not the kubelet's.
        if (knowsAllPods && pod.Uid.Length > 0)
        {
            LogOrphan(pod.Namespace, pod.Name, pod.Uid);
            End(pod);
        }
    }

    // Folders of pods that were deleted while the kubelet was down and that left nothing in the runtime.
    private void RemoveForgottenFiles()
    {
        if (!Directory.Exists(services.Paths.Pods))
        {
            return;
        }
        foreach (var folder in Directory.EnumerateDirectories(services.Paths.Pods))
        {
            var uid = Path.GetFileName(folder);
            if (!_workers.ContainsKey(uid))
            {
                End(new PodIdentity("", "", uid));
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The container runtime does not answer: {Problem}")]
    private partial void LogRuntimeAway(string problem);

    [LoggerMessage(LogLevel.Information, "Pod {Namespace}/{Name} ({Uid}) runs here and is not known any more: it is ended")]
    private partial void LogOrphan(string @namespace, string name, string uid);
}
