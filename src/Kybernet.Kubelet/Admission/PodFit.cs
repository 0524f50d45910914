using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Scheduling;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.StaticPods;

namespace Kybernet.Kubelet.Admission;

/// <summary>Whether the node has room for a pod beside the others, and is one that it may run on. The scheduler has looked too, but may be behind, or not have been asked.</summary>
internal static class PodFit
{
    /// <summary>Why a pod does not fit; null where it does.</summary>
    public static StartProblem? FindProblem(Pod pod, IReadOnlyCollection<Pod> others, Node node) =>
        FindShortage(pod, others, node)
        ?? (NodeMatch.Admits(pod.Spec, node) ? null : Failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector"))
        ?? (HostPorts.Collide(pod, others) ? Failed("NodePorts", "node(s) didn't have free ports for the requested pod ports") : null)
        ?? (IsRepelled(pod, node) ? Failed("TaintToleration", "node(s) had untolerated taint(s)") : null);

    /// <summary>What is asked for and would never fit, even if the node were empty; null where it would.</summary>
    public static string? FindExcess(Pod pod, Node node)
    {
        var requests = PodTotals.Requests(pod.Spec);
        foreach (var name in (string[])["cpu", "memory"])
        {
            var (requested, capacity) = (Amount(requests, name), Amount(node.Status.Allocatable, name));
            if (requested > capacity)
            {
                return $"Node didn't have enough capacity: {name}, requested: {requested}, capacity: {capacity}";
            }
        }
        return null;
    }

    private static StartProblem? FindShortage(Pod pod, IReadOnlyCollection<Pod> others, Node node)
    {
        var places = Amount(node.Status.Allocatable, "pods");
        if (others.Count + 1 > places)
        {
            return Shortage("pods", 1, others.Count, places);
        }
        var taken = others.Select(static other => PodTotals.Requests(other.Spec)).ToArray();
        foreach (var (name, _) in PodTotals.Requests(pod.Spec).OrderBy(static entry => OrderOf(entry.Key)).ThenBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            // What the node does not know of may be the cluster's, and is not the node's to give.
            if (OrderOf(name) == LastOrder && !PodTotals.IsOfPods(name) && !node.Status.Allocatable.ContainsKey(name))
            {
                continue;
            }
            var (requested, capacity) = (Amount(PodTotals.Requests(pod.Spec), name), Amount(node.Status.Allocatable, name));
            var used = taken.Sum(amounts => Amount(amounts, name));
            if (requested > 0 && requested > capacity - used)
            {
                return Shortage(name, requested, used, capacity);
            }
        }
        return null;
    }

    private const int LastOrder = 3;

    private static int OrderOf(string name) => name switch { "cpu" => 0, "memory" => 1, "ephemeral-storage" => 2, _ => LastOrder };

    // A static pod is of this node whatever is said about the node.
    private static bool IsRepelled(Pod pod, Node node) =>
        !StaticPodAnnotations.IsStatic(pod)
        && node.Spec.Taints.Any(taint => taint.Effect == "NoExecute" && !pod.Spec.Tolerations.Tolerate(taint));

    private static StartProblem Shortage(string name, long requested, long used, long capacity) => new(
        $"OutOf{name}", $"Node didn't have enough resource: {name}, requested: {requested}, used: {used}, capacity: {capacity}");

    private static StartProblem? Failed(string check, string why) => new StartProblem(check, $"Predicate {check} failed: {why}");

    private static long Amount(IReadOnlyDictionary<string, Quantity> amounts, string name) =>
        !amounts.TryGetValue(name, out var amount) ? 0 : name == "cpu" ? amount.MilliValue : amount.ToInt64();
}
