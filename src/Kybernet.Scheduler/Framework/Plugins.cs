using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Framework;

/// <summary>
/// A part of the scheduler, one to a profile. A plugin implements the interfaces of the extension points that it takes part in. All but the binding
/// points are called on the scheduling loop, one at a time; binding points run beside it, for several pods at once.
/// </summary>
public interface IPlugin
{
    /// <summary>The name that profiles enable it by.</summary>
    string Name { get; }
}

/// <summary>Says whether a pod may enter the active queue at all.</summary>
public interface IPreEnqueuePlugin : IPlugin
{
    /// <summary>Anything but success keeps the pod out until an event that the plugin registered for.</summary>
    PluginStatus PreEnqueue(PodFacts pod);
}

/// <summary>Orders the active queue; a profile has exactly one.</summary>
public interface IQueueSortPlugin : IPlugin
{
    /// <summary>Less than zero where the first goes first.</summary>
    int Compare(QueuedPod first, QueuedPod second);
}

/// <summary>Says which events can make a pod schedulable that the plugin refused.</summary>
public interface IEventPlugin : IPlugin
{
    /// <summary>The events, asked for once.</summary>
    IReadOnlyList<EventRegistration> EventsToRegister();
}

/// <summary>Looks at a pod before nodes are filtered.</summary>
public interface IPreFilterPlugin : IPlugin
{
    /// <summary>
    /// Prepares; a refusal means no node fits. <see cref="PluginStatus.Skip"/> leaves out the plugin's filter.
    /// </summary>
    /// <param name="state">Where to keep what was prepared.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="snapshot">All nodes.</param>
    /// <param name="onlyNodes">The only nodes that can fit; null for any.</param>
    PluginStatus PreFilter(CycleState state, PodFacts pod, Snapshot snapshot, out IReadOnlyList<string>? onlyNodes);

    /// <summary>Brings what was prepared up to date: a pod is tried on a node.</summary>
    void AddPod(CycleState state, PodFacts pod, PodFacts added, NodeInfo node)
    {
    }

    /// <summary>Brings what was prepared up to date: a pod is tried to be away from a node.</summary>
    void RemovePod(CycleState state, PodFacts pod, PodFacts removed, NodeInfo node)
    {
    }
}

/// <summary>Says which nodes fit.</summary>
public interface IFilterPlugin : IPlugin
{
    /// <summary>Whether the pod can run on the node.</summary>
    PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node);
}

/// <summary>Acts where no node fits.</summary>
public interface IPostFilterPlugin : IPlugin
{
    /// <summary>
    /// Tries to make room. The first plugin that succeeds, or breaks, ends the search.
    /// </summary>
    PostFilterResult PostFilter(CycleState state, PodFacts pod, Diagnosis diagnosis);
}

/// <summary>Looks at the nodes that fit before they are scored.</summary>
public interface IPreScorePlugin : IPlugin
{
    /// <summary>Prepares. <see cref="PluginStatus.Skip"/> leaves out the plugin's scores.</summary>
    PluginStatus PreScore(CycleState state, PodFacts pod, ReadOnlySpan<NodeInfo> nodes, Snapshot snapshot);
}

/// <summary>Says which of the nodes that fit are better.</summary>
public interface IScorePlugin : IPlugin
{
    /// <summary>The highest score after normalization; the lowest is zero.</summary>
    public const long MaxScore = 100;

    /// <summary>The node's score, in any range that <see cref="Normalize"/> understands.</summary>
    long Score(CycleState state, PodFacts pod, NodeInfo node);

    /// <summary>Brings the scores of all nodes into the range from zero to <see cref="MaxScore"/>; as they are by default.</summary>
    void Normalize(CycleState state, PodFacts pod, Span<long> scores)
    {
    }
}

/// <summary>Keeps account of a pod that is as good as placed.</summary>
public interface IReservePlugin : IPlugin
{
    /// <summary>Reserves; a refusal undoes what was reserved.</summary>
    PluginStatus Reserve(CycleState state, PodFacts pod, string node);

    /// <summary>Undoes; called also where <see cref="Reserve"/> was not, and may be called twice. Must not fail.</summary>
    void Unreserve(CycleState state, PodFacts pod, string node);
}

/// <summary>Lets a pod through to binding, refuses it, or has it wait.</summary>
public interface IPermitPlugin : IPlugin
{
    /// <summary>Decides. With <see cref="PluginStatus.Wait"/>, the pod waits until the plugin allows it, or the time is over.</summary>
    PluginStatus Permit(CycleState state, PodFacts pod, string node, out TimeSpan timeout);
}

/// <summary>Does what has to be done before binding.</summary>
public interface IPreBindPlugin : IPlugin
{
    /// <summary>A refusal undoes what was reserved, and the pod is tried again.</summary>
    ValueTask<PluginStatus> PreBindAsync(CycleState state, PodFacts pod, string node, CancellationToken cancellationToken);
}

/// <summary>Binds a pod to its node.</summary>
public interface IBindPlugin : IPlugin
{
    /// <summary>Binds; <see cref="PluginStatus.Skip"/> leaves it to the next plugin.</summary>
    ValueTask<PluginStatus> BindAsync(CycleState state, PodFacts pod, string node, CancellationToken cancellationToken);
}

/// <summary>Is told of what was bound.</summary>
public interface IPostBindPlugin : IPlugin
{
    /// <summary>The pod is bound.</summary>
    void PostBind(CycleState state, PodFacts pod, string node);
}
