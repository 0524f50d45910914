using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Tests;

/// <summary>Binds pods to a node, makes them ready unless their image is broken, and lets those go that are deleted.</summary>
internal sealed class FakeKubelet(ApiClient client, IInformer<Pod> pods, WorkQueue<NamespacedName> queue) : IReconciler
{
    public const string BrokenImage = "broken";
    private int _lastAddress;

    public void Watch() => pods.AddHandler(new InformerHandler<Pod>(
        pod => queue.Add(new NamespacedName(pod.Metadata.Namespace!, pod.Metadata.Name!)),
        (_, pod) => queue.Add(new NamespacedName(pod.Metadata.Namespace!, pod.Metadata.Name!))));

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (pods.Get(key) is not { } pod)
        {
            return Requeue.OnChange;
        }
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            if (pod.Metadata.Finalizers.Count > 0 && !pod.IsTerminal())
            {
                await client.UpdateStatusAsync(pod with { Status = pod.Status with { Phase = "Failed" } }, cancellationToken);
            }
            await client.DeleteAsync<Pod>(key.Namespace, key.Name, new DeleteOptions { GracePeriodSeconds = 0 }, cancellationToken);
            return Requeue.OnChange;
        }
        if (pod.Spec.NodeName is null)
        {
            var binding = new Binding { Metadata = new ObjectMeta { Namespace = key.Namespace, Name = key.Name }, Target = new ObjectReference { Kind = "Node", Name = NodeFor(pod) } };
            await client.PostAsync<Pod>(key.Namespace, key.Name, "binding", binding, cancellationToken);
            return Requeue.OnChange;
        }
        if (pod.Status.Phase is null or "Pending" && pod.Spec.Containers[0].Image != BrokenImage)
        {
            var now = TimeProvider.System.GetUtcNow();
            var address = Interlocked.Increment(ref _lastAddress);
            var ip = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"10.0.{address / 250}.{(address % 250) + 1}");
            var ready = new PodCondition { Type = "Ready", Status = "True", LastTransitionTime = now };
            await client.UpdateStatusAsync(pod with { Status = new PodStatus { Phase = "Running", StartTime = now, Conditions = [ready], PodIP = ip, PodIPs = [new PodIP { Ip = ip }] } }, cancellationToken);
        }
        return Requeue.OnChange;
    }

    private static string NodeFor(Pod pod) => DaemonSets.NodeSelection.TargetOf(pod) ?? "node";
}
