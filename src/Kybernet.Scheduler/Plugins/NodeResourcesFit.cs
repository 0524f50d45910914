using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins;

/// <summary>Leaves out nodes that have too little left of what the pod asks for, and prefers those that have most left.</summary>
internal sealed class NodeResourcesFit(PluginContext context) : IFilterPlugin, IScorePlugin, IEventPlugin
{
    public const string PluginName = "NodeResourcesFit";

    private const int PodsBit = 0;
    private const int CpuBit = 1;
    private const int MemoryBit = 2;
    private const int StorageBit = 3;
    private const int FirstScalarBit = 4;

    // One status for each combination of what is lacking.
    private readonly Dictionary<(ulong Lacking, bool Never), PluginStatus> _statuses = [];
    private readonly ScalarResources _scalars = context.Compiler.Scalars;

    public string Name => PluginName;

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node)
    {
        var facts = node.Facts;
        var lacking = node.PodCount + 1 > facts.AllowedPods ? 1UL << PodsBit : 0;
        var never = false;
        var request = pod.Request;
        if (!request.IsEmpty)
        {
            var allocatable = facts.Allocatable;
            Check(request.MilliCpu, node.RequestedMilliCpu, allocatable.MilliCpu, CpuBit, ref lacking, ref never);
            Check(request.Memory, node.RequestedMemory, allocatable.Memory, MemoryBit, ref lacking, ref never);
            Check(request.EphemeralStorage, node.RequestedEphemeralStorage, allocatable.EphemeralStorage, StorageBit, ref lacking, ref never);
            foreach (var scalar in request.ScalarArray)
            {
                var bit = Math.Min(FirstScalarBit + scalar.Resource, 63);
                Check(scalar.Amount, node.RequestedScalar(scalar.Resource), node.AllocatableScalar(scalar.Resource), bit, ref lacking, ref never);
            }
        }
        return lacking == 0 ? PluginStatus.Success : StatusOf(lacking, never);
    }

    public long Score(CycleState state, PodFacts pod, NodeInfo node)
    {
        var allocatable = node.Facts.Allocatable;
        var sum = 0L;
        var weights = 0L;
        if (allocatable.MilliCpu > 0)
        {
            sum += LeastAllocated(node.ScoredMilliCpu + pod.ScoredMilliCpu, allocatable.MilliCpu);
            weights++;
        }
        if (allocatable.Memory > 0)
        {
            sum += LeastAllocated(node.ScoredMemory + pod.ScoredMemory, allocatable.Memory);
            weights++;
        }
        return weights == 0 ? 0 : sum / weights;
    }

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
    [
        new(ClusterResource.AssignedPod, ClusterActions.Delete | ClusterActions.UpdatePodScaleDown, FreesSomething),
        new(ClusterResource.TargetPod, ClusterActions.UpdatePodScaleDown),
        new(ClusterResource.Node, ClusterActions.Add | ClusterActions.UpdateNodeAllocatable, FitsEmptyNode),
    ];

    private static void Check(long wanted, long used, long allocatable, int bit, ref ulong lacking, ref bool never)
    {
        if (wanted > 0 && wanted > allocatable - used)
        {
            lacking |= 1UL << bit;
            never |= wanted > allocatable;
        }
    }

    private static long LeastAllocated(long requested, long allocatable) =>
        requested > allocatable ? 0 : (allocatable - requested) * IScorePlugin.MaxScore / allocatable;

    // A pod that ends frees its place; else it matters only if it frees something that is asked for.
    private static bool FreesSomething(PodFacts pod, ClusterEvent happened)
    {
        if ((happened.Actions & ClusterActions.Delete) != 0)
        {
            return true;
        }
        if (happened is not { OldPod.Request: { } before, Pod.Request: { } after })
        {
            return true;
        }
        return (pod.Request.MilliCpu > 0 && after.MilliCpu < before.MilliCpu) || (pod.Request.Memory > 0 && after.Memory < before.Memory);
    }

    // Whether it fits beside the others is the filter's to say, but a node that is too small when empty cannot help.
    private static bool FitsEmptyNode(PodFacts pod, ClusterEvent happened)
    {
        if (happened.Node is not { } node || node.AllowedPods < 1 || !Fits(pod.Request, node.Allocatable))
        {
            return false;
        }
        return happened.OldNode is not { } old || old.AllowedPods < node.AllowedPods || !Fits(node.Allocatable, old.Allocatable);
    }

    private static bool Fits(ResourceRequest request, ResourceRequest allocatable)
    {
        if (request.MilliCpu > allocatable.MilliCpu || request.Memory > allocatable.Memory || request.EphemeralStorage > allocatable.EphemeralStorage)
        {
            return false;
        }
        foreach (var wanted in request.ScalarArray)
        {
            if (Array.Find(allocatable.ScalarArray, offered => offered.Resource == wanted.Resource).Amount < wanted.Amount)
            {
                return false;
            }
        }
        return true;
    }

    private PluginStatus StatusOf(ulong lacking, bool never)
    {
        if (_statuses.TryGetValue((lacking, never), out var status))
        {
            return status;
        }
        var reasons = new List<string>();
        for (var bit = 0; bit < 64; bit++)
        {
            if ((lacking >> bit & 1) != 0)
            {
                reasons.Add(bit switch
                {
                    PodsBit => "Too many pods",
                    CpuBit => "Insufficient cpu",
                    MemoryBit => "Insufficient memory",
                    StorageBit => "Insufficient ephemeral-storage",
                    _ => "Insufficient " + _scalars.NameOf(bit - FirstScalarBit),
                });
            }
        }
        return _statuses[(lacking, never)] = never ? PluginStatus.Unresolvable(reasons) : PluginStatus.Unschedulable(reasons);
    }
}
