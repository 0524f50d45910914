using Kybernet.Scheduler.Plugins;
using Kybernet.Scheduler.Plugins.Volumes;

namespace Kybernet.Scheduler.Framework;

/// <summary>The plugins that come with the scheduler.</summary>
internal static class BuiltInPlugins
{
    /// <summary>Makes the plugin of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static IPlugin Create(string name, PluginContext context) => name switch
    {
        SchedulingGates.PluginName => new SchedulingGates(),
        PrioritySort.PluginName => new PrioritySort(),
        NodeUnschedulable.PluginName => new NodeUnschedulable(context),
        NodeName.PluginName => new NodeName(),
        TaintToleration.PluginName => new TaintToleration(context),
        NodeAffinity.PluginName => new NodeAffinity(),
        NodePorts.PluginName => new NodePorts(),
        NodeResourcesFit.PluginName => new NodeResourcesFit(context),
        NodeResourcesBalancedAllocation.PluginName => new NodeResourcesBalancedAllocation(),
        ImageLocality.PluginName => new ImageLocality(context),
        VolumeRestrictions.PluginName => new VolumeRestrictions(context),
        NodeVolumeLimits.PluginName => new NodeVolumeLimits(context),
        VolumeBinding.PluginName => new VolumeBinding(context),
        VolumeZone.PluginName => new VolumeZone(context),
        PodTopologySpread.PluginName => new PodTopologySpread(context),
        InterPodAffinity.PluginName => new InterPodAffinity(context),
        DefaultPreemption.PluginName => new DefaultPreemption(context),
        DefaultBinder.PluginName => new DefaultBinder(context),
        _ => throw new ArgumentException($"there is no scheduler plugin \"{name}\""),
    };
}
