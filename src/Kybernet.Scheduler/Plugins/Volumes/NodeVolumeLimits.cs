using Kybernet.Api;
using Kybernet.Api.Storage;
using Kybernet.Api.Storage.V1;
using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins.Volumes;

/// <summary>A node takes so many volumes of a CSI driver as the driver said there.</summary>
internal sealed class NodeVolumeLimits(PluginContext context) : IPreFilterPlugin, IFilterPlugin, IEventPlugin
{
    public const string PluginName = "NodeVolumeLimits";

    private readonly PluginStatus _full = PluginStatus.Unschedulable("node(s) exceed max volume count");
    private readonly StateKey<HashSet<DriverVolume>> _wanted = context.NewStateKey<HashSet<DriverVolume>>();
    private readonly IVolumeView _view = context.Cluster.Volumes;

    public string Name => PluginName;

    public PluginStatus PreFilter(CycleState state, PodFacts pod, Snapshot snapshot, out IReadOnlyList<string>? onlyNodes)
    {
        onlyNodes = null;
        if (pod.Claims.Length == 0)
        {
            return PluginStatus.Skip;
        }
        var wanted = new HashSet<DriverVolume>();
        AddVolumes(pod, wanted);
        state.Set(_wanted, wanted);
        return wanted.Count == 0 ? PluginStatus.Skip : PluginStatus.Success;
    }

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node)
    {
        if (_view.CsiNode(node.Name) is not { } drivers)
        {
            return PluginStatus.Success;
        }
        var used = new HashSet<DriverVolume>();
        foreach (var other in node.Pods)
        {
            AddVolumes(other, used);
        }
        var wanted = state.Get(_wanted);
        foreach (var driver in drivers.Spec.Drivers)
        {
            if (driver.Allocatable?.Count is { } limit && wanted.Any(volume => volume.Driver == driver.Name && !used.Contains(volume))
                && Count(used, wanted, driver) > limit)
            {
                return _full;
            }
        }
        return PluginStatus.Success;
    }

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
    [
        new(ClusterResource.CsiNode, ClusterActions.Add | ClusterActions.UpdateOther),
        new(ClusterResource.AssignedPod, ClusterActions.Delete, static (_, happened) => happened.OldPod?.Claims.Length > 0),
        new(ClusterResource.PersistentVolumeClaim, ClusterActions.Add | ClusterActions.UpdateOther, ClaimCheck.Concerns),
        new(ClusterResource.PersistentVolume, ClusterActions.Add | ClusterActions.UpdateOther),
    ];

    private static int Count(HashSet<DriverVolume> used, HashSet<DriverVolume> wanted, CSINodeDriver driver) =>
        used.Union(wanted).Count(volume => volume.Driver == driver.Name);

    /// <summary>The volumes of a pod, each once, however many pods of a node share it; one that is yet to be made counts for its claim.</summary>
    private void AddVolumes(PodFacts pod, HashSet<DriverVolume> volumes)
    {
        foreach (var use in pod.Claims)
        {
            if (_view.Claim(new NamespacedName(pod.Key.Namespace, use.Name)) is not { } claim)
            {
                continue;
            }
            if (claim.Spec.VolumeName is { Length: > 0 } name && _view.Volume(name) is { } volume)
            {
                if (volume.Spec.Csi is { } source)
                {
                    volumes.Add(new DriverVolume(source.Driver, source.VolumeHandle));
                }
            }
            else if (_view.Class(StorageClasses.ClassOf(claim)) is { } storageClass)
            {
                volumes.Add(new DriverVolume(storageClass.Provisioner, $"{pod.Key.Namespace}/{use.Name}"));
            }
        }
    }

    private readonly record struct DriverVolume(string Driver, string Handle);
}
