using Kybernet.Api.Scheduling;
using Kybernet.Kubelet.Admission;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Nodes;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Resources;

/// <summary>
/// The cgroups above those of the pods: <c>kubepods</c>, which has what pods may have of the node, and in it <c>burstable</c>, which weighs what its pods
/// ask for together, and <c>besteffort</c>, which gets what nobody else wants. Guaranteed pods are in <c>kubepods</c> itself.
/// </summary>
internal sealed partial class QosCgroups(
    CgroupTree tree, Grants grants, NodeResources node, KubeletOptions options, NodeEvents events, TimeProvider time, ILogger<QosCgroups> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly WakeSignal _changed = new();
    private bool _isEnforced;

    /// <summary>The cgroup of a class's pods, from the root of the hierarchy.</summary>
    public static string PathOf(KubeletOptions options, string qos) =>
        $"{options.CgroupRoot}/kubepods" + qos switch { QosClass.Guaranteed => "", QosClass.Burstable => "/burstable", _ => "/besteffort" };

    /// <summary>Keeps them up to date until cancelled: as pods come, change and go, and every minute, should others have written there.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        grants.Taken += _changed.Wake;
        grants.Freed += _changed.Wake;
        try
        {
            while (true)
            {
                TryUpdate();
                await _changed.WaitAsync(Period, time, cancellationToken);
            }
        }
        finally
        {
            grants.Taken -= _changed.Wake;
            grants.Freed -= _changed.Wake;
        }
    }

    private void TryUpdate()
    {
        try
        {
            Hold(QosClass.Guaranteed, OfNode());
            Hold(QosClass.Burstable, new CgroupSettings { CpuShares = CgroupValues.Shares(SumBurstableRequests()) });
            Hold(QosClass.BestEffort, new CgroupSettings { CpuShares = CgroupValues.Shares(0) });
            if (options.EnforcesNodeAllocatable && !_isEnforced)
            {
                _isEnforced = true;
                events.Normal("NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogFailed(exception.Message);
            events.Warning("FailedNodeAllocatableEnforcement", $"Failed to update Node Allocatable Limits \"{PathOf(options, QosClass.Guaranteed)}\": {exception.Message}");
        }
    }

    private void Hold(string qos, CgroupSettings settings)
    {
        var path = PathOf(options, qos);
        tree.Create(path);
        tree.Apply(path, settings);
    }

    private CgroupSettings OfNode() => options.EnforcesNodeAllocatable
        ? new CgroupSettings { CpuShares = CgroupValues.Shares(node.AllocatableMilliCpu), MemoryLimit = node.UnreservedMemoryBytes }
        : new CgroupSettings();

    private long SumBurstableRequests() => grants.List()
        .Where(static pod => QosClass.Of(pod) == QosClass.Burstable)
        .Sum(static pod => ContainerResources.Milli(PodTotals.Requests(pod.Spec), "cpu"));

    [LoggerMessage(LogLevel.Warning, "The cgroups of the pods' classes could not be brought up to date: {Problem}")]
    private partial void LogFailed(string problem);
}
