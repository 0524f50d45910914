using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Framework;

/// <summary>
/// How many pods of a namespace match a selector, node by node. Pods of one template ask for the same counts, so they are kept, and only the nodes
/// that have changed since are counted again. Only the scheduling loop uses it.
/// </summary>
internal sealed class PodCounts
{
    // Enough for the workloads that are rolled out at the same moment; more are counted anew.
    private const int Capacity = 256;

    private sealed class Entry
    {
        public int[] Counts = [];
        public long[] Generations = [];
        public long Layout = -1;
        public long LastUsed;
    }

    private readonly Dictionary<(string Namespace, string Selector, bool WithLeaving), Entry> _entries = [];
    private long _uses;

    /// <summary>The counts by the nodes' places in the snapshot; valid until that is updated.</summary>
    /// <param name="snapshot">All nodes.</param>
    /// <param name="namespace">The pods' namespace.</param>
    /// <param name="selector">The pods' labels.</param>
    /// <param name="withLeaving">Whether pods that are being deleted count too.</param>
    public int[] Count(Snapshot snapshot, string @namespace, PodSelector selector, bool withLeaving = false)
    {
        var key = (@namespace, selector.Text, withLeaving);
        if (!_entries.TryGetValue(key, out var entry))
        {
            if (_entries.Count >= Capacity)
            {
                DropOldest();
            }
            _entries[key] = entry = new Entry();
        }
        entry.LastUsed = ++_uses;
        var nodes = snapshot.Nodes;
        if (entry.Layout != snapshot.Layout)
        {
            entry.Layout = snapshot.Layout;
            entry.Counts = new int[nodes.Length];
            entry.Generations = new long[nodes.Length];
        }
        var generations = entry.Generations;
        for (var i = 0; i < nodes.Length; i++)
        {
            if (generations[i] != nodes[i].Generation)
            {
                generations[i] = nodes[i].Generation;
                entry.Counts[i] = Count(nodes[i], @namespace, selector, withLeaving);
            }
        }
        return entry.Counts;
    }

    private static int Count(NodeInfo node, string @namespace, PodSelector selector, bool withLeaving)
    {
        var count = 0;
        foreach (var pod in node.Pods)
        {
            if ((withLeaving || !pod.IsDeleting) && pod.Key.Namespace == @namespace && selector.Matches(pod.Labels))
            {
                count++;
            }
        }
        return count;
    }

    private void DropOldest()
    {
        (string, string, bool) oldest = default;
        var least = long.MaxValue;
        foreach (var (key, entry) in _entries)
        {
            if (entry.LastUsed < least)
            {
                (oldest, least) = (key, entry.LastUsed);
            }
        }
        _entries.Remove(oldest);
    }
}
