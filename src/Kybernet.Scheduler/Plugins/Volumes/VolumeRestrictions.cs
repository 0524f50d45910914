using Kybernet.Api;
using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins.Volumes;

/// <summary>A claim of access mode ReadWriteOncePod is one pod's in the whole cluster.</summary>
internal sealed class VolumeRestrictions(PluginContext context) : IPreFilterPlugin, IFilterPlugin, IEventPlugin
{
    public const string PluginName = "VolumeRestrictions";
    private const string OnePod = "ReadWriteOncePod";

    private readonly PluginStatus _taken = PluginStatus.Unschedulable("node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode");
    private readonly StateKey<Conflicts> _conflicts = context.NewStateKey<Conflicts>();

    public string Name => PluginName;

    public PluginStatus PreFilter(CycleState state, PodFacts pod, Snapshot snapshot, out IReadOnlyList<string>? onlyNodes)
    {
        onlyNodes = null;
        var exclusive = new List<string>();
        foreach (var use in pod.Claims)
        {
            if (context.Cluster.Volumes.Claim(new NamespacedName(pod.Key.Namespace, use.Name))?.Spec.AccessModes.Contains(OnePod) == true)
            {
                exclusive.Add(use.Name);
            }
        }
        if (exclusive.Count == 0)
        {
            return PluginStatus.Skip;
        }
        var conflicts = new Conflicts(pod.Key.Namespace, exclusive);
        foreach (var node in snapshot.Nodes)
        {
            foreach (var other in node.Pods)
            {
                conflicts.Count(other, 1);
            }
        }
        state.Set(_conflicts, conflicts);
        return PluginStatus.Success;
    }

    public void AddPod(CycleState state, PodFacts pod, PodFacts added, NodeInfo node) => state.Get(_conflicts).Count(added, 1);

    public void RemovePod(CycleState state, PodFacts pod, PodFacts removed, NodeInfo node) => state.Get(_conflicts).Count(removed, -1);

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node) => state.Get(_conflicts).Any ? _taken : PluginStatus.Success;

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
    [
        new(
            ClusterResource.AssignedPod,
            ClusterActions.Delete,
            static (pod, happened) => happened.OldPod is { } gone
                && gone.Key.Namespace == pod.Key.Namespace
                && Array.Exists(gone.Claims, used => Array.Exists(pod.Claims, wanted => wanted.Name == used.Name))),
        new(ClusterResource.PersistentVolumeClaim, ClusterActions.Add | ClusterActions.UpdateOther, ClaimCheck.Concerns),
    ];

    /// <summary>How often other pods use what is to be one pod's.</summary>
    private sealed class Conflicts(string @namespace, List<string> exclusive, int count = 0) : ICopiedState
    {
        private int _count = count;

        public bool Any => _count > 0;

        public void Count(PodFacts other, int sign)
        {
            if (other.Claims.Length > 0 && other.Key.Namespace == @namespace)
            {
                foreach (var use in other.Claims)
                {
                    _count += exclusive.Contains(use.Name) ? sign : 0;
                }
            }
        }

        public object Copy() => new Conflicts(@namespace, exclusive, _count);
    }
}
