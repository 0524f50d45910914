using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Selectors;

namespace Kybernet.Controllers.ReplicaSets;

/// <summary>A kind that keeps so many pods of a template: how what ReplicaSets have is found in it.</summary>
/// <typeparam name="TSet">The kind.</typeparam>
internal interface IReplicaKind<TSet>
    where TSet : class, IResourceObject<TSet>
{
    Selector SelectorOf(TSet set);

    ReplicaSetSpec SpecOf(TSet set);

    ReplicaSetStatus StatusOf(TSet set);

    TSet WithStatus(TSet set, ReplicaSetStatus status);
}

/// <summary>ReplicaSets.</summary>
internal sealed class ReplicaSetKind : IReplicaKind<ReplicaSet>
{
    public Selector SelectorOf(ReplicaSet set) => Selector.From(set.Spec.Selector);

    public ReplicaSetSpec SpecOf(ReplicaSet set) => set.Spec;

    public ReplicaSetStatus StatusOf(ReplicaSet set) => set.Status;

    public ReplicaSet WithStatus(ReplicaSet set, ReplicaSetStatus status) => set with { Status = status };
}

/// <summary>ReplicationControllers: ReplicaSets of old, whose selector is a plain map, and who do not tell how many pods are on their way out.</summary>
internal sealed class ReplicationControllerKind : IReplicaKind<ReplicationController>
{
    public Selector SelectorOf(ReplicationController set) => set.Spec.Selector.Count == 0 ? Selector.Nothing : Selector.FromLabels(set.Spec.Selector);

    public ReplicaSetSpec SpecOf(ReplicationController set) => new()
    {
        Replicas = set.Spec.Replicas, MinReadySeconds = set.Spec.MinReadySeconds, Template = set.Spec.Template,
    };

    public ReplicaSetStatus StatusOf(ReplicationController set) => new()
    {
        Replicas = set.Status.Replicas,
        FullyLabeledReplicas = set.Status.FullyLabeledReplicas,
        ReadyReplicas = set.Status.ReadyReplicas,
        AvailableReplicas = set.Status.AvailableReplicas,
        ObservedGeneration = set.Status.ObservedGeneration,
        Conditions = [.. set.Status.Conditions.Select(static condition => new ReplicaSetCondition
        {
            Type = condition.Type,
            Status = condition.Status,
            Reason = condition.Reason,
            Message = condition.Message,
            LastTransitionTime = condition.LastTransitionTime,
        })],
    };

    public ReplicationController WithStatus(ReplicationController set, ReplicaSetStatus status) => set with
    {
        Status = new ReplicationControllerStatus
        {
            Replicas = status.Replicas,
            FullyLabeledReplicas = status.FullyLabeledReplicas,
            ReadyReplicas = status.ReadyReplicas,
            AvailableReplicas = status.AvailableReplicas,
            ObservedGeneration = status.ObservedGeneration,
            Conditions = [.. status.Conditions.Select(static condition => new ReplicationControllerCondition
            {
                Type = condition.Type,
                Status = condition.Status,
                Reason = condition.Reason,
                Message = condition.Message,
                LastTransitionTime = condition.LastTransitionTime,
            })],
        },
    };
}
