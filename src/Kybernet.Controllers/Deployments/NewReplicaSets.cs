using Kybernet.Api.Apps.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Deployments;

/// <summary>Describes the ReplicaSet of a Deployment's present template.</summary>
internal static class NewReplicaSets
{
    public static ReplicaSet Describe(Deployment deployment, IEnumerable<ReplicaSet> old, long revision)
    {
        var hash = TemplateHash.Of(deployment.Spec.Template, deployment.Status.CollisionCount);
        var template = deployment.Spec.Template;
        var labels = With(template.Metadata.Labels, hash);
        var set = new ReplicaSet
        {
            Metadata = new ObjectMeta
            {
                Name = $"{deployment.Metadata.Name}-{hash}",
                Namespace = deployment.Metadata.Namespace,
                Labels = labels,
                OwnerReferences = [OwnerReferences.ControllerOf(deployment)],
            },
            Spec = new ReplicaSetSpec
            {
                Replicas = Replicas.ForNewSet(deployment, old, newSetWanted: 0),
                MinReadySeconds = deployment.Spec.MinReadySeconds,
                Selector = deployment.Spec.Selector with { MatchLabels = With(deployment.Spec.Selector.MatchLabels, hash) },
                Template = template with { Metadata = template.Metadata with { Labels = labels } },
            },
        };
        return Revisions.Annotate(deployment, set, revision, isNew: true);
    }

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> labels, string hash) =>
        new(labels, StringComparer.Ordinal) { [DeploymentNames.PodTemplateHash] = hash };
}
