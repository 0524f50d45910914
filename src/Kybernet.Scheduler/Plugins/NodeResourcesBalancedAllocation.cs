using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Plugins;

/// <summary>Prefers nodes of which, with the pod, equal shares of CPU and memory are asked for.</summary>
internal sealed class NodeResourcesBalancedAllocation : IPreScorePlugin, IScorePlugin
{
    public const string PluginName = "NodeResourcesBalancedAllocation";

    public string Name => PluginName;

    /// <summary>A pod that asks for nothing would change no balance.</summary>
    public PluginStatus PreScore(CycleState state, PodFacts pod, ReadOnlySpan<NodeInfo> nodes, Snapshot snapshot) =>
        pod.Request.MilliCpu == 0 && pod.Request.Memory == 0 ? PluginStatus.Skip : PluginStatus.Success;

    public long Score(CycleState state, PodFacts pod, NodeInfo node)
    {
        var allocatable = node.Facts.Allocatable;
        if (allocatable.MilliCpu == 0 || allocatable.Memory == 0)
        {
            return IScorePlugin.MaxScore; // one resource is always in balance with itself
        }
        var cpu = Math.Min(1.0, (double)(node.RequestedMilliCpu + pod.Request.MilliCpu) / allocatable.MilliCpu);
        var memory = Math.Min(1.0, (double)(node.RequestedMemory + pod.Request.Memory) / allocatable.Memory);
        // Of two values, half the difference is the standard deviation.
        return (long)((1 - Math.Abs(cpu - memory) / 2) * IScorePlugin.MaxScore);
    }
}
