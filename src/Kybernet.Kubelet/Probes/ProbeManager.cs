using System.Collections.Concurrent;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Probes;

/// <summary>What a probe is for.</summary>
internal enum ProbeKind
{
    Liveness,
    Readiness,
    Startup,
}

/// <summary>Which probe of which container.</summary>
internal readonly record struct ProbeKey(string PodUid, string Container, ProbeKind Kind);

/// <summary>What a probe looks at: the pod, and the running instance of its container.</summary>
internal sealed record ProbeSubject(Pod Pod, PodContainer Container, ContainerRecord? Instance, string PodAddress);

/// <summary>What a probe has come to, for one instance of the container.</summary>
internal readonly record struct ProbeResult(string ContainerId, bool IsSuccess);

/// <summary>
/// Runs the probes of the node's pods, a loop each, and keeps what they have come to. Whoever puts in a pod's state is told by its callback when a
/// result changes.
/// </summary>
internal sealed class ProbeManager(Prober prober, TimeProvider time) : IProbeResults, IAsyncDisposable
{
    private readonly ConcurrentDictionary<ProbeKey, ProbeResult> _results = new();
    private readonly ConcurrentDictionary<ProbeKey, ProbeLoop> _loops = new();

    /// <summary>How often each probe of the pods here has come to what.</summary>
    public IEnumerable<(ProbeSubject Subject, ProbeKey Key, long Successes, long Failures)> Counts =>
        _loops.Select(static loop => (loop.Value.Subject!, loop.Key, loop.Value.Successes, loop.Value.Failures)).Where(static count => count.Item1 is not null);

    /// <summary>Shows a pod's current state to its probes, and starts those that do not run yet.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="state">What the runtime has of it.</param>
    /// <param name="podAddress">Its address; empty before it has one.</param>
    /// <param name="changed">Is called when a result changes.</param>
    public void Update(Pod pod, PodRuntimeState state, string podAddress, Action changed)
    {
        var uid = pod.Metadata.Uid ?? "";
        foreach (var container in PodContainers.InitAndApp(pod))
        {
            if (container.Kind == ContainerKind.Init && !container.IsSidecar)
            {
                continue;
            }
            var newest = state.Newest(container.Name);
            var subject = new ProbeSubject(pod, container, newest is { State: ContainerRunState.Running } ? newest : null, podAddress);
            Update(new ProbeKey(uid, container.Name, ProbeKind.Startup), container.Container.StartupProbe, subject, changed);
            Update(new ProbeKey(uid, container.Name, ProbeKind.Readiness), container.Container.ReadinessProbe, subject, changed);
            Update(new ProbeKey(uid, container.Name, ProbeKind.Liveness), container.Container.LivenessProbe, subject, changed);
        }
    }

    /// <summary>Ends those probes of a pod that could have its containers restarted.</summary>
    public Task StopLivenessAndStartupAsync(string podUid) => StopAsync(key => key.PodUid == podUid && key.Kind != ProbeKind.Readiness);

    /// <summary>Ends a pod's probes and forgets their results.</summary>
    public async Task ForgetAsync(string podUid)
    {
        await StopAsync(key => key.PodUid == podUid);
        foreach (var key in _results.Keys)
        {
            if (key.PodUid == podUid)
            {
                _results.TryRemove(key, out _);
            }
        }
    }

    public bool IsStarted(string podUid, Container container, string containerId) =>
        container.StartupProbe is null || Find(podUid, container.Name, ProbeKind.Startup, containerId) is { IsSuccess: true };

    public bool IsReady(string podUid, Container container, string containerId) =>
        container.ReadinessProbe is null || Find(podUid, container.Name, ProbeKind.Readiness, containerId) is { IsSuccess: true };

    public bool HasFailedLiveness(string podUid, Container container, string containerId) =>
        container.LivenessProbe is not null && Find(podUid, container.Name, ProbeKind.Liveness, containerId) is { IsSuccess: false };

    public bool HasFailedStartup(string podUid, Container container, string containerId) =>
        container.StartupProbe is not null && Find(podUid, container.Name, ProbeKind.Startup, containerId) is { IsSuccess: false };

    public async ValueTask DisposeAsync() => await StopAsync(static _ => true);

    /// <summary>Notes a result; for the loops.</summary>
    /// <returns>Whether it is another than before.</returns>
    internal bool Set(ProbeKey key, ProbeResult result)
    {
        var changed = !_results.TryGetValue(key, out var old) || old != result;
        _results[key] = result;
        return changed;
    }

    private ProbeResult? Find(string podUid, string container, ProbeKind kind, string containerId) =>
        _results.TryGetValue(new ProbeKey(podUid, container, kind), out var result) && result.ContainerId == containerId ? result : null;

    private void Update(ProbeKey key, Probe? probe, ProbeSubject subject, Action changed)
    {
        if (probe is null)
        {
            return;
        }
        if (!_loops.TryGetValue(key, out var loop))
        {
            loop = new ProbeLoop(this, prober, key, probe, changed, time);
            _loops[key] = loop;
            loop.Start(subject);
            return;
        }
        loop.Update(subject);
    }

    private async Task StopAsync(Func<ProbeKey, bool> which)
    {
        var ending = new List<Task>();
        foreach (var key in _loops.Keys)
        {
            if (which(key) && _loops.TryRemove(key, out var loop))
            {
                ending.Add(loop.DisposeAsync().AsTask());
            }
        }
        await Task.WhenAll(ending);
    }
}
