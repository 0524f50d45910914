using k8s.Models;

namespace Kybernet.Testing.Nodes;

/// <summary>A node that has no machine: pods that are bound to it go through their states as the test says, and nothing runs.</summary>
/// <param name="Name">Its name.</param>
public sealed record HollowNodeOptions(string Name)
{
    /// <summary>Its labels, besides those that every node has.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>What it has for pods, in the quantities of Kubernetes.</summary>
    public IReadOnlyDictionary<string, string> Capacity { get; init; } = new Dictionary<string, string> { ["cpu"] = "8", ["memory"] = "32Gi", ["pods"] = "110", ["ephemeral-storage"] = "100Gi" };

    /// <summary>What keeps pods away that do not tolerate it.</summary>
    public IReadOnlyList<V1Taint> Taints { get; init; } = [];

    /// <summary>
    /// Says what becomes of a pod. It is asked again whenever the pod is looked at, so the answer for a pod can change while it runs: one that became ready is
    /// not any more. A pod that must never run is one that is <see cref="HollowPod.StuckIn"/> something.
    /// </summary>
    public Func<V1Pod, HollowPod> Pods { get; init; } = static _ => HollowPod.Runs;
}
