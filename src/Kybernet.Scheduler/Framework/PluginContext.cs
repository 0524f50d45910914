using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Framework;

/// <summary>What a plugin may use of the scheduler that it is part of.</summary>
public sealed class PluginContext
{
    internal PluginContext(string schedulerName, FactsCompiler compiler, Snapshot snapshot, IClusterView cluster, ISchedulerApi api, TimeProvider time)
    {
        SchedulerName = schedulerName;
        Compiler = compiler;
        Snapshot = snapshot;
        Cluster = cluster;
        Api = api;
        Time = time;
    }

    /// <summary>The profile's name.</summary>
    public string SchedulerName { get; }

    /// <summary>All nodes, as of the current scheduling cycle.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    internal FactsCompiler Compiler { get; }

    internal IClusterView Cluster { get; }

    internal ISchedulerApi Api { get; }

    internal Random Random { get; init; } = Random.Shared;

    internal WaitingPods Waiting { get; } = new();

    internal Nominations Nominations { get; init; } = new();

    internal PodCounts PodCounts { get; init; } = new();

    internal BackgroundWork? Background { get; init; }

    /// <summary>How many state keys were made.</summary>
    internal int StateSlots { get; private set; }

    /// <summary>The profile; set when all its plugins are made.</summary>
    internal Profile? Profile { get; set; }

    /// <summary>Makes a key for something that the plugin keeps of each pod. To be called while the plugin is made.</summary>
    public StateKey<T> NewStateKey<T>()
        where T : class => new(StateSlots++);

    /// <summary>The pod that waits for its plugins' permission; null where it does not.</summary>
    public WaitingPod? FindWaiting(string uid) => Waiting.Find(uid);
}
