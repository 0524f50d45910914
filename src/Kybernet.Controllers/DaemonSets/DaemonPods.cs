using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Scheduling;
using Kybernet.Controllers.Nodes;

namespace Kybernet.Controllers.DaemonSets;

/// <summary>The pods of a DaemonSet: held to their node by affinity, so that the scheduler places them, and tolerating what nodes suffer from.</summary>
internal static class DaemonPods
{
    /// <summary>On a pod and on a revision: the hash of the template.</summary>
    public const string RevisionHash = "controller-revision-hash";

    private static readonly Toleration[] Always =
    [
        Tolerate("node.kubernetes.io/not-ready", NodeTaints.NoExecute),
        Tolerate("node.kubernetes.io/unreachable", NodeTaints.NoExecute),
        Tolerate("node.kubernetes.io/disk-pressure", NodeTaints.NoSchedule),
        Tolerate("node.kubernetes.io/memory-pressure", NodeTaints.NoSchedule),
        Tolerate("node.kubernetes.io/pid-pressure", NodeTaints.NoSchedule),
        Tolerate("node.kubernetes.io/unschedulable", NodeTaints.NoSchedule),
    ];

    private static readonly Toleration[] OnHostNetwork = [.. Always, Tolerate("node.kubernetes.io/network-unavailable", NodeTaints.NoSchedule)];

    public static bool IsOf(this Pod pod, string hash) => pod.Metadata.Labels.GetValueOrDefault(RevisionHash) == hash;

    public static Pod Describe(DaemonSet set, string hash, string node)
    {
        var pod = PodControl.FromTemplate(set.Spec.Template, set);
        var labels = new Dictionary<string, string>(pod.Metadata.Labels, StringComparer.Ordinal) { [RevisionHash] = hash };
        var spec = pod.Spec with { Tolerations = Tolerations(pod.Spec), Affinity = NodeSelection.HoldTo(pod.Spec.Affinity, node) };
        return pod with { Metadata = pod.Metadata with { Labels = labels }, Spec = spec };
    }

    /// <returns>Whether a node is to have a pod, and whether one that is there may stay: a taint that only keeps new pods away does not end it.</returns>
    public static (bool ShouldRun, bool MayStay) Wants(DaemonSet set, Node node)
    {
        var spec = set.Spec.Template.Spec;
        if ((spec.NodeName is { Length: > 0 } name && name != node.Metadata.Name) || !NodeMatch.Admits(spec, node))
        {
            return (false, false);
        }
        var tolerations = Tolerations(spec);
        var (shouldRun, mayStay) = (true, true);
        foreach (var taint in node.Spec.Taints)
        {
            if (taint.Effect is NodeTaints.NoExecute or NodeTaints.NoSchedule && !tolerations.Tolerate(taint))
            {
                shouldRun = false;
                mayStay &= taint.Effect != NodeTaints.NoExecute;
            }
        }
        return (shouldRun, mayStay);
    }

    private static List<Toleration> Tolerations(PodSpec spec)
    {
        var added = spec.HostNetwork == true ? OnHostNetwork : Always;
        var own = spec.Tolerations.Where(toleration => !added.Any(other =>
            other.Key == toleration.Key && other.Effect == toleration.Effect && toleration.Operator == other.Operator));
        return [.. own, .. added];
    }

    private static Toleration Tolerate(string key, string effect) => new() { Key = key, Operator = "Exists", Effect = effect };
}
