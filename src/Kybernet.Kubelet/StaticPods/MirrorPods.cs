using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Microsoft.Extensions.Logging;
using Node = Kybernet.Api.Core.V1.Node;

namespace Kybernet.Kubelet.StaticPods;

/// <summary>Sees to it that the API server has a pod for each static pod, by which it is seen there and by which nothing can be done to it.</summary>
internal sealed partial class MirrorPods(ApiClient client, IInformer<Pod> pods, ILogger<MirrorPods> logger)
{
    /// <summary>What the API server has of a pod: of a static one its mirror; null where there is none. Of another, the pod itself.</summary>
    public Pod? Find(Pod pod)
    {
        if (!StaticPodAnnotations.IsStatic(pod))
        {
            return pod;
        }
        return pods.Get(new NamespacedName(pod.Metadata.Namespace!, pod.Metadata.Name!)) is { } mirror && IsMirrorOf(mirror, pod) ? mirror : null;
    }

    /// <summary>Makes those that are missing, and removes those whose static pods are gone or that are to go themselves.</summary>
    /// <param name="node">The node, which owns them.</param>
    /// <param name="wanted">The static pods.</param>
    /// <param name="isRunning">Whether something of the static pod of a uid still runs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether all is as it should be.</returns>
    public async Task<bool> ReconcileAsync(Node node, IReadOnlyDictionary<string, Pod> wanted, Func<string, bool> isRunning, CancellationToken cancellationToken)
    {
        try
        {
            var isSettled = true;
            foreach (var known in pods.List())
            {
                if (StaticPodAnnotations.IsMirror(known) && !IsWanted(known, wanted, isRunning))
                {
                    await DeleteAsync(known, cancellationToken);
                    isSettled = false;
                }
            }
            foreach (var pod in wanted.Values)
            {
                if (pods.Get(new NamespacedName(pod.Metadata.Namespace!, pod.Metadata.Name!)) is null)
                {
                    await client.CreateAsync(MirrorOf(pod, node), cancellationToken);
                    isSettled = false;
                }
            }
            return isSettled;
        }
        catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
        {
            LogFailed(exception.Message);
            return false;
        }
    }

    private static bool IsMirrorOf(Pod mirror, Pod pod) =>
        mirror.Metadata.Annotations.GetValueOrDefault(StaticPodAnnotations.Mirror) == pod.Metadata.Annotations[StaticPodAnnotations.Hash];

    private static bool IsWanted(Pod mirror, IReadOnlyDictionary<string, Pod> wanted, Func<string, bool> isRunning)
    {
        var hash = mirror.Metadata.Annotations[StaticPodAnnotations.Mirror];
        var isStandingForOne = wanted.Values.Any(pod => IsMirrorOf(mirror, pod));
        // One that somebody deletes makes room for the next; that of a pod that is ending stays to be seen until it has.
        return isStandingForOne ? mirror.Metadata.DeletionTimestamp is null : isRunning(hash);
    }

    private static Pod MirrorOf(Pod pod, Node node) => pod with
    {
        Metadata = pod.Metadata with
        {
            Uid = null,
            Annotations = new Dictionary<string, string>(pod.Metadata.Annotations, StringComparer.Ordinal)
            {
                [StaticPodAnnotations.Mirror] = pod.Metadata.Annotations[StaticPodAnnotations.Hash],
            },
            OwnerReferences = [new OwnerReference { ApiVersion = "v1", Kind = "Node", Name = node.Metadata.Name!, Uid = node.Metadata.Uid!, Controller = true }],
        },
    };

    private async Task DeleteAsync(Pod mirror, CancellationToken cancellationToken)
    {
        var options = new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = mirror.Metadata.Uid } };
        await client.DeleteAsync<Pod>(mirror.Metadata.Namespace!, mirror.Metadata.Name!, options, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "The mirror pods could not be brought up to date: {Problem}")]
    private partial void LogFailed(string problem);
}
