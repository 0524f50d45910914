using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;
using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins.Volumes;

/// <summary>
/// A pod goes where its volumes are; volumes that wait for it are chosen, or provisioned, for its node, and it is bound when they are.
/// </summary>
internal sealed class VolumeBinding(PluginContext context) : IPreFilterPlugin, IFilterPlugin, IReservePlugin, IPreBindPlugin, IEventPlugin
{
    public const string PluginName = "VolumeBinding";

    private readonly PluginStatus _immediate = PluginStatus.Unresolvable("pod has unbound immediate PersistentVolumeClaims");
    private readonly PluginStatus _missing = PluginStatus.Unresolvable("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
    private readonly PluginStatus _conflict = PluginStatus.Unresolvable("node(s) had volume node affinity conflict");
    private readonly PluginStatus _nothing = PluginStatus.Unresolvable("node(s) didn't find available persistent volumes to bind");
    private readonly StateKey<PodVolumePlan> _plan = context.NewStateKey<PodVolumePlan>();
    private readonly IVolumeView _view = context.Cluster.Volumes;
    private readonly AssumedVolumes _assumed = new();
    private readonly VolumeBinder _binder = new(context.Cluster.Volumes, context.Api, context.Time);

    public string Name => PluginName;

    public PluginStatus PreFilter(CycleState state, PodFacts pod, Snapshot snapshot, out IReadOnlyList<string>? onlyNodes)
    {
        onlyNodes = null;
        if (pod.Claims.Length == 0)
        {
            return PluginStatus.Skip;
        }
        var plan = new PodVolumePlan();
        var hasImmediate = false;
        foreach (var use in pod.Claims)
        {
            var claim = _view.Claim(new NamespacedName(pod.Key.Namespace, use.Name));
            if (ClaimCheck.Problem(pod, use, claim) is { } problem)
            {
                return PluginStatus.Unresolvable(problem);
            }
            hasImmediate |= !Sort(claim!, plan);
        }
        if (hasImmediate)
        {
            return _immediate;
        }
        plan.Delayed.Sort(static (first, second) => VolumeMatching.RequestOf(first.Claim).CompareTo(VolumeMatching.RequestOf(second.Claim)));
        state.Set(_plan, plan);
        return PluginStatus.Success;
    }

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node)
    {
        var plan = state.Get(_plan);
        foreach (var (volume, reach) in plan.Bound)
        {
            if (volume is null)
            {
                return _missing;
            }
            if (reach?.Allows(node.Facts) == false)
            {
                return _conflict;
            }
        }
        if (plan.Delayed.Count == 0)
        {
            return PluginStatus.Success;
        }
        var decisions = new List<ClaimDecision>(plan.Delayed.Count);
        foreach (var delayed in plan.Delayed)
        {
            if (!TryDecide(plan, delayed, node, decisions))
            {
                return _nothing;
            }
        }
        plan.Decisions[node.Name] = decisions;
        return PluginStatus.Success;
    }

    public PluginStatus Reserve(CycleState state, PodFacts pod, string node)
    {
        if (state.Find(_plan) is { } plan && plan.Decisions.TryGetValue(node, out var decisions))
        {
            _assumed.Add(pod.Uid, node, decisions);
        }
        return PluginStatus.Success;
    }

    public void Unreserve(CycleState state, PodFacts pod, string node) => _assumed.Remove(pod.Uid);

    public async ValueTask<PluginStatus> PreBindAsync(CycleState state, PodFacts pod, string node, CancellationToken cancellationToken)
    {
        if (state.Find(_plan) is not { } plan || !plan.Decisions.TryGetValue(node, out var decisions))
        {
            return PluginStatus.Success;
        }
        var status = await _binder.BindAsync(node, decisions, cancellationToken);
        if (status.IsSuccess)
        {
            _assumed.Remove(pod.Uid); // the view shows it now
        }
        return status;
    }

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
    [
        new(ClusterResource.Node, ClusterActions.Add | ClusterActions.UpdateNodeLabel),
        new(ClusterResource.PersistentVolumeClaim, ClusterActions.Add | ClusterActions.UpdateOther, ClaimCheck.Concerns),
        new(ClusterResource.PersistentVolume, ClusterActions.Add | ClusterActions.UpdateOther),
        new(ClusterResource.StorageClass, ClusterActions.Add | ClusterActions.UpdateOther),
    ];

    /// <summary>Puts a claim where it belongs in the plan; false for one that the binder has to bind first.</summary>
    private bool Sort(PersistentVolumeClaim claim, PodVolumePlan plan)
    {
        if (claim.Spec.VolumeName is { Length: > 0 } name)
        {
            if (!claim.Metadata.Annotations.ContainsKey(VolumeAnnotations.BindCompleted))
            {
                return false;
            }
            var volume = _view.Volume(name);
            plan.Bound.Add((volume, volume is null ? null : ReachOf(volume)));
            return true;
        }
        if (_view.Class(StorageClasses.ClassOf(claim)) is not { } storageClass || !StorageClasses.WaitsForConsumer(storageClass))
        {
            return false;
        }
        plan.Delayed.Add(new DelayedClaim(claim, storageClass, _view.VolumesOf(storageClass.Metadata.Name!)));
        return true;
    }

    private NodeSelection? ReachOf(PersistentVolume volume) =>
        volume.Spec.NodeAffinity?.Required is { } required ? NodeSelection.Of(required, context.Compiler.Names) : null;

    private bool IsReachable(PodVolumePlan plan, PersistentVolume volume, NodeInfo node)
    {
        var name = volume.Metadata.Name!;
        if (!plan.Reaches.TryGetValue(name, out var reach))
        {
            plan.Reaches[name] = reach = ReachOf(volume);
        }
        return reach?.Allows(node.Facts) != false;
    }

    private bool TryDecide(PodVolumePlan plan, DelayedClaim delayed, NodeInfo node, List<ClaimDecision> decisions)
    {
        var claim = delayed.Claim;
        // Another pod's node was chosen for the claim already; this one has to go there as well.
        if ((_assumed.NodeOf(claim) ?? claim.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.SelectedNode)) is { } selected)
        {
            decisions.Add(new ClaimDecision(claim, null));
            return selected == node.Name;
        }
        var volume = VolumeMatching.Find(claim, delayed.Candidates, onlyReserved: false, candidate =>
            IsReachable(plan, candidate, node)
            && !_assumed.IsTaken(candidate, claim)
            && !decisions.Exists(decision => decision.Volume?.Metadata.Name == candidate.Metadata.Name));
        decisions.Add(new ClaimDecision(claim, volume));
        return volume is not null
            || (delayed.Class.Provisioner is not (StorageClasses.NoProvisioner or "") && Topologies.Allow(delayed.Class.AllowedTopologies, node.Facts.Node));
    }
}
