using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins;

/// <summary>The higher priority first; among equals, who has waited longer.</summary>
internal sealed class PrioritySort : IQueueSortPlugin
{
    public const string PluginName = "PrioritySort";

    public string Name => PluginName;

    public int Compare(QueuedPod first, QueuedPod second)
    {
        var order = second.Pod.Priority.CompareTo(first.Pod.Priority);
        return order != 0 ? order : first.Since.CompareTo(second.Since);
    }
}
