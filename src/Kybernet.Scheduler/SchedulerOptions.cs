using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler;

/// <summary>How a scheduler works.</summary>
public sealed record SchedulerOptions
{
    /// <summary>The name of the scheduler that pods get that name none.</summary>
    public const string DefaultSchedulerName = "default-scheduler";

    /// <summary>The profiles: each places the pods that name it. All have to order pods alike.</summary>
    public IReadOnlyList<ProfileOptions> Profiles { get; init; } = [new ProfileOptions()];

    /// <summary>How pods wait that could not be scheduled.</summary>
    public QueueOptions Queue { get; init; } = new();

    /// <summary>
    /// The search for nodes ends when this share of them was found to fit, in percent. Zero for a share that is the smaller the more nodes there are:
    /// between 50 and 5. At least a hundred nodes are sought in any case.
    /// </summary>
    public int PercentageOfNodesToScore { get; init; }

    /// <summary>How long after its binding a pod is counted on its node without the API server's confirmation. Without limit by default.</summary>
    public TimeSpan AssumedPodExpiry { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>How many requests are under way at once, at most.</summary>
    public int ParallelRequests { get; init; } = 64;

    /// <summary>What the choice among equally good nodes begins from; by chance where it is null.</summary>
    public int? Seed { get; init; }

    /// <summary>Plugins of one's own, by the names that profiles enable them by. They go before built-in ones of the same name.</summary>
    public IReadOnlyDictionary<string, PluginFactory> Plugins { get; init; } = new Dictionary<string, PluginFactory>();
}

/// <summary>Makes a plugin for a profile.</summary>
/// <param name="context">What the plugin may use.</param>
public delegate IPlugin PluginFactory(PluginContext context);

/// <summary>A plugin of a profile, and how much its scores count.</summary>
/// <param name="Name">The plugin's name.</param>
/// <param name="Weight">What its scores are multiplied by; zero where it has none.</param>
public readonly record struct PluginChoice(string Name, int Weight = 0);

/// <summary>One way of placing pods.</summary>
public sealed record ProfileOptions
{
    /// <summary>The name that pods ask for it by.</summary>
    public string SchedulerName { get; init; } = SchedulerOptions.DefaultSchedulerName;

    /// <summary>The plugins, in the order in which they are called; at most 64.</summary>
    public IReadOnlyList<PluginChoice> Plugins { get; init; } = DefaultPlugins;

    /// <summary>As <see cref="SchedulerOptions.PercentageOfNodesToScore"/>, for this profile; null for the same.</summary>
    public int? PercentageOfNodesToScore { get; init; }

    /// <summary>The plugins of a profile that says nothing else, with their weights.</summary>
    public static IReadOnlyList<PluginChoice> DefaultPlugins { get; } =
    [
        new("SchedulingGates"),
        new("PrioritySort"),
        new("NodeUnschedulable"),
        new("NodeName"),
        new("TaintToleration", 3),
        new("NodeAffinity", 2),
        new("NodePorts"),
        new("NodeResourcesFit", 1),
        new("VolumeRestrictions"),
        new("NodeVolumeLimits"),
        new("VolumeBinding"),
        new("VolumeZone"),
        new("PodTopologySpread", 2),
        new("InterPodAffinity", 2),
        new("DefaultPreemption"),
        new("NodeResourcesBalancedAllocation", 1),
        new("ImageLocality", 1),
        new("DefaultBinder"),
    ];
}
