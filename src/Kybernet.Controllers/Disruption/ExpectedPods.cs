using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Disruption;

/// <summary>How many pods there should be: as many as the workloads want whose pods a budget selects.</summary>
internal sealed class ExpectedPods(
    ILister<ReplicaSet> sets, ILister<Deployment> deployments, ILister<StatefulSet> statefulSets, ILister<ReplicationController> controllers, Scales scales)
{
    /// <returns>The number, and the pods that nobody manages, which are not in it.</returns>
    /// <exception cref="ApiException">A workload of another kind could not be asked for its scale.</exception>
    public async Task<(int Count, List<Pod> Unmanaged)> CountAsync(IReadOnlyList<Pod> pods, CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<string, int>(StringComparer.Ordinal);
        var unmanaged = new List<Pod>();
        foreach (var pod in pods)
        {
            if (pod.Metadata.Controller() is not { } owner)
            {
                unmanaged.Add(pod);
            }
            else if (Known(pod.Metadata.Namespace!, owner.Kind, owner.Name, owner.Uid) is { } workload)
            {
                wanted[workload.Uid] = workload.Replicas;
            }
            else if (!wanted.ContainsKey(owner.Uid))
            {
                var version = GroupVersion.Parse(owner.ApiVersion);
                var kind = new GroupVersionKind(version.Group, version.Version, owner.Kind);
                wanted[owner.Uid] = (await scales.GetAsync(kind, pod.Metadata.Namespace!, owner.Name, cancellationToken)).Spec.Replicas ?? 0;
            }
        }
        return (wanted.Values.Sum(), unmanaged);
    }

    private (string Uid, int Replicas)? Known(string @namespace, string kind, string name, string uid)
    {
        var key = new NamespacedName(@namespace, name);
        switch (kind)
        {
            case "ReplicaSet" when sets.Get(key) is { } set && set.Metadata.Uid == uid:
                return set.Metadata.Controller() is { Kind: "Deployment" } owner && deployments.Get(new NamespacedName(@namespace, owner.Name)) is { } deployment
                    ? (deployment.Metadata.Uid!, deployment.Spec.Replicas ?? 1)
                    : (uid, set.Spec.Replicas ?? 1);
            case "StatefulSet" when statefulSets.Get(key) is { } set && set.Metadata.Uid == uid:
                return (uid, set.Spec.Replicas ?? 1);
            case "ReplicationController" when controllers.Get(key) is { } controller && controller.Metadata.Uid == uid:
                return (uid, controller.Spec.Replicas ?? 1);
            default:
                return null;
        }
    }
}
