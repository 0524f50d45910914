using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Cache;

/// <summary>What a running pod says of others.</summary>
internal enum AffinityKind
{
    Required,
    RequiredAnti,
    Preferred,
    PreferredAnti,
}

/// <summary>
/// The terms of affinity and anti-affinity that the pods of a snapshot have, each once however many pods of one template share it, and on which nodes
/// those are. So a new pod is matched against each term once, not against each pod.
/// </summary>
internal sealed class AffinityIndex
{
    /// <summary>A term, and how many pods on which nodes have it.</summary>
    internal sealed class Entry(AffinityKind kind, AffinityTerm term)
    {
        public AffinityKind Kind { get; } = kind;

        public AffinityTerm Term { get; } = term;

        public Dictionary<NodeInfo, int> Nodes { get; } = [];
    }

    private readonly Dictionary<(AffinityKind Kind, string Text), Entry> _entries = [];

    public Dictionary<(AffinityKind Kind, string Text), Entry>.ValueCollection Entries => _entries.Values;

    /// <summary>Counts the pods of a node, or takes them back.</summary>
    public void Count(NodeInfo node, int by)
    {
        if (node.PodsWithAffinity == 0)
        {
            return;
        }
        foreach (var pod in node.Pods)
        {
            if (pod.Affinity is { } affinity)
            {
                Count(affinity.Required, AffinityKind.Required, node, by);
                Count(affinity.RequiredAnti, AffinityKind.RequiredAnti, node, by);
                Count(affinity.Preferred, AffinityKind.Preferred, node, by);
                Count(affinity.PreferredAnti, AffinityKind.PreferredAnti, node, by);
            }
        }
    }

    private void Count(AffinityTerm[] terms, AffinityKind kind, NodeInfo node, int by)
    {
        foreach (var term in terms)
        {
            var key = (kind, term.Text);
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries[key] = entry = new Entry(kind, term);
            }
            var count = entry.Nodes.GetValueOrDefault(node) + by;
            if (count != 0)
            {
                entry.Nodes[node] = count;
                continue;
            }
            entry.Nodes.Remove(node);
            if (entry.Nodes.Count == 0)
            {
                _entries.Remove(key);
            }
        }
    }
}
