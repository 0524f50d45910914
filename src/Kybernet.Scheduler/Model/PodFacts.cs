using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Model;

/// <summary>What a pod asks for, compiled once to integers; never changes.</summary>
public sealed class PodFacts
{
    internal PodFacts(Pod pod, Interner interner, Interner images, ScalarResources scalars)
    {
        Pod = pod;
        Key = new NamespacedName(pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "");
        Uid = pod.Metadata.Uid ?? "";
        Priority = pod.Spec.Priority ?? 0;
        Request = PodRequests.Of(pod, withDefaults: false).ToRequest(scalars);
        var scored = PodRequests.Of(pod, withDefaults: true).ToRequest(scalars);
        ScoredMilliCpu = scored.MilliCpu;
        ScoredMemory = scored.Memory;
        Nodes = NodeSelection.Of(pod.Spec, interner);
        HostPorts = HostPortFacts.Of(pod.Spec, interner);
        Tolerations = new TolerationFacts[pod.Spec.Tolerations.Count];
        for (var i = 0; i < Tolerations.Length; i++)
        {
            Tolerations[i] = new TolerationFacts(pod.Spec.Tolerations[i], interner);
        }
        (Images, ContainerCount) = ImagesOf(pod.Spec, images);
        Affinity = PodAffinityFacts.Of(pod, interner);
        Constraints = SpreadConstraint.Of(pod, interner);
        Claims = ClaimUse.Of(pod);
    }

    /// <summary>The pod itself.</summary>
    public Pod Pod { get; }

    /// <summary>Its namespace and name.</summary>
    public NamespacedName Key { get; }

    /// <summary>Its identity.</summary>
    public string Uid { get; }

    /// <summary>The higher, the earlier it is scheduled; it may displace those of a lower one.</summary>
    public int Priority { get; }

    /// <summary>What it asks of its node.</summary>
    public ResourceRequest Request { get; }

    /// <summary>The millicores that scoring counts it with: a small amount where a container asks for none.</summary>
    public long ScoredMilliCpu { get; }

    /// <summary>The bytes that scoring counts it with: a small amount where a container asks for none.</summary>
    public long ScoredMemory { get; }

    /// <summary>Whether its deletion has been asked for.</summary>
    public bool IsDeleting => Pod.Metadata.DeletionTimestamp is not null;

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels => Pod.Metadata.Labels;

    /// <summary>The node that it is bound to; empty for none.</summary>
    public string NodeName => Pod.Spec.NodeName ?? "";

    /// <summary>The scheduler that is to place it.</summary>
    public string SchedulerName => string.IsNullOrEmpty(Pod.Spec.SchedulerName) ? SchedulerOptions.DefaultSchedulerName : Pod.Spec.SchedulerName;

    internal NodeSelection? Nodes { get; }

    internal HostPortFacts[] HostPorts { get; }

    internal TolerationFacts[] Tolerations { get; }

    internal int[] Images { get; }

    internal int ContainerCount { get; }

    internal PodAffinityFacts? Affinity { get; }

    internal SpreadConstraint[] Constraints { get; }

    internal ClaimUse[] Claims { get; }

    /// <summary>Whether another state of the same pod is counted alike wherever pods are counted. What is in its spec and fixed need not be compared.</summary>
    internal bool CountsAs(PodFacts other) =>
        Request.MilliCpu == other.Request.MilliCpu
        && Request.Memory == other.Request.Memory
        && ScoredMilliCpu == other.ScoredMilliCpu
        && ScoredMemory == other.ScoredMemory
        && IsDeleting == other.IsDeleting
        && SameLabels(Labels, other.Labels);

    /// <summary>Whether it tolerates a taint.</summary>
    internal bool Tolerates(TaintFacts taint, Interner interner)
    {
        foreach (ref readonly var toleration in Tolerations.AsSpan())
        {
            if (toleration.Tolerates(taint, interner))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether it tolerates all taints of a node that keep pods away.</summary>
    internal bool ToleratesNode(NodeFacts node, Interner interner)
    {
        foreach (var taint in node.Taints)
        {
            if (taint.Effect is TaintEffect.NoSchedule or TaintEffect.NoExecute && !Tolerates(taint, interner))
            {
                return false;
            }
        }
        return true;
    }

    internal static bool SameLabels(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }
        foreach (var (key, value) in left)
        {
            if (!right.TryGetValue(key, out var other) || other != value)
            {
                return false;
            }
        }
        return true;
    }

    private static (int[] Images, int Containers) ImagesOf(PodSpec spec, Interner images)
    {
        var ids = new List<int>(spec.Containers.Count + spec.InitContainers.Count);
        foreach (var container in spec.InitContainers)
        {
            ids.Add(images.Intern(Normalized(container.Image ?? "")));
        }
        foreach (var container in spec.Containers)
        {
            ids.Add(images.Intern(Normalized(container.Image ?? "")));
        }
        return ([.. ids], ids.Count);
    }

    // Nodes list images with their tag.
    private static string Normalized(string image) => image.LastIndexOf(':') <= image.LastIndexOf('/') ? image + ":latest" : image;
}
