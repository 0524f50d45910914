using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins.Volumes;

/// <summary>Volumes that are labelled with a zone or a region are used there.</summary>
internal sealed class VolumeZone(PluginContext context) : IPreFilterPlugin, IFilterPlugin, IEventPlugin
{
    public const string PluginName = "VolumeZone";

    private static readonly (string Label, string Older)[] Labels =
    [
        ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
        ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"),
    ];

    private readonly PluginStatus _elsewhere = PluginStatus.Unresolvable("node(s) had no available volume zone");
    private readonly StateKey<List<Place>> _places = context.NewStateKey<List<Place>>();

    public string Name => PluginName;

    public PluginStatus PreFilter(CycleState state, PodFacts pod, Snapshot snapshot, out IReadOnlyList<string>? onlyNodes)
    {
        onlyNodes = null;
        var places = new List<Place>();
        foreach (var use in pod.Claims)
        {
            if (context.Cluster.Volumes.Claim(new NamespacedName(pod.Key.Namespace, use.Name))?.Spec.VolumeName is { Length: > 0 } name
                && context.Cluster.Volumes.Volume(name) is { } volume)
            {
                AddPlaces(volume, places);
            }
        }
        if (places.Count == 0)
        {
            return PluginStatus.Skip;
        }
        state.Set(_places, places);
        return PluginStatus.Success;
    }

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node)
    {
        var labels = node.Facts.Node.Metadata.Labels;
        // A cluster whose nodes know of no zones has none.
        if (!Array.Exists(Labels, label => labels.ContainsKey(label.Label) || labels.ContainsKey(label.Older)))
        {
            return PluginStatus.Success;
        }
        foreach (var place in state.Get(_places))
        {
            if ((labels.GetValueOrDefault(place.Label) ?? labels.GetValueOrDefault(place.Older)) is not { } value || !place.Values.Contains(value))
            {
                return _elsewhere;
            }
        }
        return PluginStatus.Success;
    }

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
    [
        new(ClusterResource.Node, ClusterActions.Add | ClusterActions.UpdateNodeLabel),
        new(ClusterResource.PersistentVolumeClaim, ClusterActions.Add | ClusterActions.UpdateOther, ClaimCheck.Concerns),
        new(ClusterResource.PersistentVolume, ClusterActions.Add | ClusterActions.UpdateOther),
        new(ClusterResource.StorageClass, ClusterActions.Add),
    ];

    private static void AddPlaces(PersistentVolume volume, List<Place> places)
    {
        foreach (var (label, older) in Labels)
        {
            if ((volume.Metadata.Labels.GetValueOrDefault(label) ?? volume.Metadata.Labels.GetValueOrDefault(older)) is { } value)
            {
                places.Add(new Place(label, older, value.Split("__"))); // several zones, where the volume is in more than one
            }
        }
    }

    private sealed record Place(string Label, string Older, string[] Values);
}
