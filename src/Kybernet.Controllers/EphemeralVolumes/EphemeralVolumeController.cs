using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Storage;
using Kybernet.Client;
using Kybernet.Controllers.PersistentVolumes;

namespace Kybernet.Controllers.EphemeralVolumes;

/// <summary>Makes the claims of volumes that live as long as their pod, which owns them.</summary>
internal sealed class EphemeralVolumeController(
    ApiClient client, ILister<Pod> pods, ILister<PersistentVolumeClaim> claims, IEventRecorder events) : IReconciler
{
    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("ephemeral-volume-controller");
        var pods = context.Informers.Informer<Pod>();
        var claims = context.Informers.Informer<PersistentVolumeClaim>();
        ClaimUsers.AddIndex(pods);
        var queue = context.Queue("ephemeral-volume");
        pods.AddHandler(new InformerHandler<Pod>(added => Wake(added, queue), (_, current) => Wake(current, queue)));
        claims.AddHandler(new InformerHandler<PersistentVolumeClaim>(onDeleted: deleted =>
        {
            foreach (var pod in pods.ByIndex(ClaimUsers.Index, ClaimUsers.KeyOf(deleted)))
            {
                Wake(pod, queue);
            }
        }));
        context.Run("ephemeral-volume", new EphemeralVolumeController(client, pods, claims, context.Events(client, "ephemeral_volume")), queue, context.Options.Workers);
    }

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (pods.Get(key) is not { Metadata.DeletionTimestamp: null } pod)
        {
            return Requeue.OnChange;
        }
        foreach (var volume in pod.Spec.Volumes)
        {
            if (volume.Ephemeral is not null)
            {
                await EnsureAsync(pod, volume, cancellationToken);
            }
        }
        return Requeue.OnChange;
    }

    private static void Wake(Pod pod, WorkQueue<NamespacedName> queue)
    {
        if (pod.Metadata.DeletionTimestamp is null && pod.Spec.Volumes.Any(static volume => volume.Ephemeral is not null))
        {
            queue.Add(pod.Metadata.Key());
        }
    }

    private async Task EnsureAsync(Pod pod, Volume volume, CancellationToken cancellationToken)
    {
        var name = PodClaims.NameOf(pod, volume)!;
        if (claims.Get(new NamespacedName(pod.Metadata.Namespace!, name)) is { } known)
        {
            if (!known.Metadata.IsControlledBy(pod))
            {
                // Somebody else's data: the pod must not get it.
                throw Failed(pod, volume, $"PVC {pod.Metadata.Namespace}/{name} was not created for pod {pod.Metadata.Namespace}/{pod.Metadata.Name} (pod is not owner)");
            }
            return;
        }
        try
        {
            await client.CreateAsync(ClaimOf(pod, volume, name), cancellationToken);
        }
        catch (ApiException exception)
        {
            throw Failed(pod, volume, $"create PVC {name}: {exception.Message}");
        }
    }

    private InvalidOperationException Failed(Pod pod, Volume volume, string problem)
    {
        events.Record(pod, EventType.Warning, "FailedBinding", $"ephemeral volume {volume.Name}: {problem}");
        return new InvalidOperationException($"ephemeral volume {volume.Name}: {problem}");
    }

    private static PersistentVolumeClaim ClaimOf(Pod pod, Volume volume, string name)
    {
        var template = volume.Ephemeral!.VolumeClaimTemplate ?? PersistentVolumeClaimTemplate.Empty;
        return new PersistentVolumeClaim
        {
            Metadata = new ObjectMeta
            {
                Namespace = pod.Metadata.Namespace,
                Name = name,
                Labels = template.Metadata.Labels,
                Annotations = template.Metadata.Annotations,
                OwnerReferences = [OwnerReferences.ControllerOf(pod)],
            },
            Spec = template.Spec,
        };
    }
}
