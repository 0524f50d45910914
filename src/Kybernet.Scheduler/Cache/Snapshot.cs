using System.Diagnostics.CodeAnalysis;

namespace Kybernet.Scheduler.Cache;

/// <summary>All known nodes as they were when a scheduling cycle began. Only the scheduling loop reads it, and only between two updates.</summary>
public sealed class Snapshot
{
    private readonly Dictionary<string, NodeInfo> _byName = new(StringComparer.Ordinal);
    private NodeInfo[] _nodes = [];
    private int[] _imageNodes = [];

    internal Snapshot()
    {
    }

    /// <summary>How many nodes there are.</summary>
    public int Count => _nodes.Length;

    /// <summary>The nodes, those of different zones alternating.</summary>
    public ReadOnlySpan<NodeInfo> Nodes => _nodes;

    /// <summary>What the pods say of each other.</summary>
    internal AffinityIndex Affinity { get; } = new();

    /// <summary>Changes when nodes come, go, or are ordered anew: then what was kept by index is void.</summary>
    internal long Layout { get; private set; }

    /// <summary>The node of that name.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out NodeInfo? node) => _byName.TryGetValue(name, out node);

    /// <summary>How many nodes hold an image.</summary>
    internal int NodesWithImage(int image) => image < _imageNodes.Length ? _imageNodes[image] : 0;

    internal void SetImages(int[] nodes) => _imageNodes = nodes;

    internal void SetNodes(NodeInfo[] nodes)
    {
        _nodes = nodes;
        _byName.Clear();
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i].Index = i;
            _byName[nodes[i].Name] = nodes[i];
        }
        Layout++;
    }
}
