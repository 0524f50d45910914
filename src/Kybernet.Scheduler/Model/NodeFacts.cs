using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Model;

/// <summary>What a node says about itself, compiled once to integers; never changes. What runs on it is in <see cref="Cache.NodeInfo"/>.</summary>
public sealed class NodeFacts
{
    private readonly int[] _labelKeys;
    private readonly int[] _labelValues;

    internal NodeFacts(Node node, Interner interner, Interner images, ScalarResources scalars)
    {
        Node = node;
        Name = node.Metadata.Name ?? "";
        NameId = interner.Intern(Name);
        Unschedulable = node.Spec.Unschedulable == true;
        Taints = new TaintFacts[node.Spec.Taints.Count];
        for (var i = 0; i < Taints.Length; i++)
        {
            Taints[i] = TaintFacts.Of(node.Spec.Taints[i], interner);
        }
        HasPreferences = Array.Exists(Taints, taint => taint.Effect == TaintEffect.PreferNoSchedule);
        (_labelKeys, _labelValues) = CompileLabels(node, interner);
        Zone = Label(node, "topology.kubernetes.io/region") + "\0" + Label(node, "topology.kubernetes.io/zone");
        Allocatable = ResourceSum.Of(node.Status.Allocatable, withDefaults: false).ToRequest(scalars);
        AllowedPods = node.Status.Allocatable.TryGetValue("pods", out var pods) ? pods.ToInt64() : 0;
        Images = CompileImages(node, images);
    }

    /// <summary>The node itself.</summary>
    public Node Node { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Whether it is cordoned off.</summary>
    public bool Unschedulable { get; }

    /// <summary>What it can bear.</summary>
    public ResourceRequest Allocatable { get; }

    /// <summary>How many pods it can bear.</summary>
    public long AllowedPods { get; }

    internal int NameId { get; }

    internal TaintFacts[] Taints { get; }

    /// <summary>Whether there is a taint that scoring looks at.</summary>
    internal bool HasPreferences { get; }

    /// <summary>The region and zone, by which nodes are interleaved.</summary>
    internal string Zone { get; }

    /// <summary>The images that it holds: their numbers and sizes.</summary>
    internal (int Image, long Size)[] Images { get; }

    /// <summary>The number of a label's value; -1 where the node has no such label.</summary>
    internal int LabelValue(int key)
    {
        var index = _labelKeys.AsSpan().IndexOf(key);
        return index < 0 ? -1 : _labelValues[index];
    }

    private static string Label(Node node, string key) => node.Metadata.Labels.TryGetValue(key, out var value) ? value : "";

    private static (int[] Keys, int[] Values) CompileLabels(Node node, Interner interner)
    {
        var keys = new int[node.Metadata.Labels.Count];
        var values = new int[keys.Length];
        var i = 0;
        foreach (var (key, value) in node.Metadata.Labels)
        {
            keys[i] = interner.Intern(key);
            values[i++] = interner.Intern(value);
        }
        return (keys, values);
    }

    private static (int, long)[] CompileImages(Node node, Interner images)
    {
        var compiled = new List<(int, long)>();
        foreach (var image in node.Status.Images)
        {
            foreach (var name in image.Names)
            {
                compiled.Add((images.Intern(name), image.SizeBytes ?? 0));
            }
        }
        return [.. compiled];
    }
}
