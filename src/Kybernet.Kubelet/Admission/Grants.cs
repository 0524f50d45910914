using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Cpus;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.StaticPods;

namespace Kybernet.Kubelet.Admission;

/// <summary>What became of a pod's wish for other resources than it has.</summary>
/// <param name="Pod">The pod as it is to run: with what it was given.</param>
/// <param name="IsNew">Whether it was given it only now.</param>
/// <param name="Refusal">Why not: <c>Deferred</c> until there is room, or <c>Infeasible</c>; null where there is nothing that it wants and does not have.</param>
internal readonly record struct ResizeAnswer(Pod Pod, bool IsNew, StartProblem? Refusal);

/// <summary>Gives the node's resources to its pods, one at a time, so that no two are given the same.</summary>
internal sealed class Grants(ILister<Pod> pods, NodeView node, KubeletOptions options)
{
    public const string Deferred = "Deferred";
    public const string Infeasible = "Infeasible";

    private readonly Dictionary<string, Held> _given = new(StringComparer.Ordinal);
    private readonly HashSet<string> _returned = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>There may be more room than before.</summary>
    public event Action? Freed;

    /// <summary>There is less room than before.</summary>
    public event Action? Taken;

    /// <summary>The pods that have something of the node, with what they have.</summary>
    public IReadOnlyList<Pod> List()
    {
        lock (_gate)
        {
            return Others("");
        }
    }

    /// <summary>Gives a pod that does not run yet what it asks for.</summary>
    /// <returns>Why not; null where it has it.</returns>
    public StartProblem? Admit(Pod pod)
    {
        var uid = pod.Metadata.Uid ?? "";
        lock (_gate)
        {
            if (_given.ContainsKey(uid))
            {
                return null;
            }
            var grant = Known(pod) ?? ResourceGrant.Of(pod);
            if (PodFit.FindProblem(grant.ApplyTo(pod), Others(uid), node.Current) is { } problem)
            {
                return problem;
            }
            _given[uid] = new Held(pod, grant);
        }
        Taken?.Invoke();
        return null;
    }

    /// <summary>The pod as it is to run: with what it was given, which may be something else than it asks for.</summary>
    public Pod Apply(Pod pod)
    {
        lock (_gate)
        {
            return Known(pod)?.ApplyTo(pod) ?? pod;
        }
    }

    /// <summary>Gives a pod what it asks for by now, if there is room.</summary>
    public ResizeAnswer Resize(Pod pod)
    {
        var uid = pod.Metadata.Uid ?? "";
        lock (_gate)
        {
            var grant = Known(pod) ?? ResourceGrant.Of(pod);
            _given[uid] = new Held(pod, grant);
            if (grant.IsAllOf(pod))
            {
                return new ResizeAnswer(pod, IsNew: false, Refusal: null);
            }
            var refusal = IsPinned(pod) ? new StartProblem(Infeasible, "Resize is infeasible for Guaranteed Pods alongside CPU Manager static policy")
                : PodFit.FindExcess(pod, node.Current) is { } excess ? new StartProblem(Infeasible, excess)
                : PodFit.FindProblem(pod, Others(uid), node.Current) is { } problem ? new StartProblem(Deferred, problem.Message)
                : (StartProblem?)null;
            if (refusal is not null)
            {
                return new ResizeAnswer(grant.ApplyTo(pod), IsNew: false, refusal);
            }
            _given[uid] = new Held(pod, ResourceGrant.Of(pod));
        }
        Freed?.Invoke();
        return new ResizeAnswer(pod, IsNew: true, Refusal: null);
    }

    /// <summary>Takes back what a pod had of which nothing runs any more.</summary>
    public void Return(string uid)
    {
        lock (_gate)
        {
            _given.Remove(uid);
            _returned.Add(uid);
        }
        Freed?.Invoke();
    }

    /// <summary>Forgets a pod that the API server has forgotten.</summary>
    public void Forget(string uid)
    {
        lock (_gate)
        {
            _given.Remove(uid);
            _returned.Remove(uid);
        }
    }

    // Whoever has processors alone would go on with those.
    private bool IsPinned(Pod pod) => options.CpuManagerPolicy == CpuManager.Static && QosClass.Of(pod) == QosClass.Guaranteed;

    // A pod that was started here before this kubelet was has what its status says.
    private ResourceGrant? Known(Pod pod) =>
        _given.TryGetValue(pod.Metadata.Uid ?? "", out var held) ? held.Grant
        : pod.Status.StartTime is not null ? ResourceGrant.FromStatus(pod)
        : null;

    private List<Pod> Others(string uid)
    {
        var others = _given.Where(entry => entry.Key != uid).Select(static entry => entry.Value.Grant.ApplyTo(entry.Value.Pod)).ToList();
        foreach (var pod in pods.List())
        {
            var own = pod.Metadata.Uid ?? "";
            // Those that were started before this kubelet was and have not been looked at yet. A mirror pod has nothing: the pod that it shows has it.
            if (own != uid && pod.Status.StartTime is not null && !PodPhase.IsFinal(pod.Status.Phase) && !StaticPodAnnotations.IsMirror(pod)
                && !_given.ContainsKey(own) && !_returned.Contains(own))
            {
                others.Add(ResourceGrant.FromStatus(pod).ApplyTo(pod));
            }
        }
        return others;
    }

    private readonly record struct Held(Pod Pod, ResourceGrant Grant);
}
