using System.Text;
using k8s;
using k8s.Models;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Testing.Nodes;

/// <summary>Takes the pods of hollow nodes through their states: what a kubelet reports, without what it does.</summary>
/// <remarks>What a pod is now follows from when it came to its node and from what time it is, so it does not matter when this looks.</remarks>
internal sealed class HollowPods(ApiClient client, ILister<Pod> pods, HollowKubelets nodes, TimeProvider clock) : IReconciler
{
    private int _lastAddress;

    /// <summary>A pod as the model that tests know.</summary>
    public static V1Pod ToClientModel(Pod pod) => KubernetesJson.Deserialize<V1Pod>(Encoding.UTF8.GetString(ModelJson.ToUtf8(pod)));

    /// <inheritdoc/>
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (pods.Get(key) is not { } pod || pod.Spec.NodeName is not { Length: > 0 } nodeName || nodes.Find(nodeName) is not { } node)
        {
            return Requeue.OnChange;
        }
        try
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                var now = new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = pod.Metadata.Uid } };
                await client.DeleteAsync<Pod>(pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "", now, cancellationToken);
                return Requeue.OnChange;
            }
            if (pod.Status.Phase is "Succeeded" or "Failed")
            {
                return Requeue.OnChange;
            }
            var course = new PodCourse(pod, node.Pods(ToClientModel(pod)), pod.Status.StartTime ?? clock.GetUtcNow(), clock.GetUtcNow());
            var status = course.Status(pod.Status.PodIP ?? NextAddress());
            if (!ModelJson.Same(status, pod.Status))
            {
                await client.UpdateStatusAsync(pod with { Status = status }, cancellationToken);
            }
            return course.NextChange is { } change ? Requeue.In(change) : Requeue.OnChange;
        }
        catch (ApiException exception) when (exception.IsNotFound || exception.IsConflict)
        {
            return Requeue.OnChange; // somebody was faster: the cache is about to show it
        }
    }

    private string NextAddress()
    {
        var number = Interlocked.Increment(ref _lastAddress);
        return $"10.{244 + ((number >> 16) & 7)}.{(number >> 8) & 255}.{number & 255}";
    }
}
