using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Runtime.Cri;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Cpus;

/// <summary>Sees to it that running containers run on their processors, which for those that share change as others are given some alone.</summary>
internal sealed partial class CpuReconciler(
    CpuManager cpus, PodManager pods, IContainerRuntime runtime, KubeletOptions options, TimeProvider time, ILogger<CpuReconciler> logger)
{
    private readonly Dictionary<string, string> _set = new(StringComparer.Ordinal);
    private readonly WakeSignal _changed = new();

    /// <summary>Looks whenever something changed, and from time to time, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        cpus.Changed += _changed.Wake;
        while (true)
        {
            if (cpus.IsStatic)
            {
                ReleaseForgotten();
                await SetAllAsync(cancellationToken);
            }
            await _changed.WaitAsync(options.CpuManagerReconcilePeriod, time, cancellationToken);
        }
    }

    // Pods that went while no kubelet ran.
    private void ReleaseForgotten()
    {
        if (pods.KnowsAllPods)
        {
            foreach (var uid in cpus.Owners.Where(uid => !pods.Has(uid)))
            {
                cpus.Release(uid);
            }
        }
    }

    private async Task SetAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            var running = (await runtime.ListContainersAsync(null, cancellationToken)).Where(static container => container.State == ContainerRunState.Running).ToArray();
            foreach (var container in running)
            {
                var wanted = cpus.CpusOf(container.Pod.Uid, container.Name);
                if (!_set.TryGetValue(container.Id, out var current) || current != wanted)
                {
                    await runtime.UpdateContainerAsync(container.Id, new LinuxContainerResources { CpusetCpus = wanted }, cancellationToken);
                    _set[container.Id] = wanted;
                }
            }
            foreach (var ended in _set.Keys.Except(running.Select(static container => container.Id)).ToArray())
            {
                _set.Remove(ended);
            }
        }
        catch (ContainerRuntimeException exception)
        {
            LogFailed(exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Containers could not be given their processors: {Problem}")]
    private partial void LogFailed(string problem);
}
