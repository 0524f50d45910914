using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;
using Kybernet.Api.Storage.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.PersistentVolumes;

/// <summary>
/// Wakes the two halves of the binder. One worker each: a claim's choice must be in the volumes' cache, or be refused as a conflict, before the next is made.
/// </summary>
internal static class PersistentVolumeBinder
{
    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("persistent-volume-binder");
        var events = context.Events(client, "persistentvolume-controller");
        var volumes = context.Informers.Informer<PersistentVolume>();
        var claims = context.Informers.Informer<PersistentVolumeClaim>();
        var classes = context.Informers.Informer<StorageClass>();
        var pods = context.Informers.Informer<Pod>();
        ClaimUsers.AddIndex(pods);
        var claimQueue = context.Queue("persistentvolume-binder-claims");
        var volumeQueue = context.Queue("persistentvolume-binder-volumes");
        volumeQueue.WakeOn(volumes);
        volumes.AddHandler(new InformerHandler<PersistentVolume>(
            added => WakeClaims(added, claims, claimQueue),
            (_, current) => WakeClaims(current, claims, claimQueue),
            deleted => WakeClaims(deleted, claims, claimQueue)));
        claimQueue.WakeOn(claims);
        claims.AddHandler(new InformerHandler<PersistentVolumeClaim>(
            onUpdated: (_, current) => WakeVolume(current, volumeQueue), onDeleted: deleted => WakeVolume(deleted, volumeQueue)));
        classes.AddHandler(new InformerHandler<StorageClass>(_ => WakeUnbound(claims, claimQueue), (_, _) => WakeUnbound(claims, claimQueue)));
        pods.AddHandler(new InformerHandler<Pod>(onUpdated: (_, current) => WakeRecycled(current, volumeQueue)));

        var binding = new VolumeBinding(client, context.Time);
        var reclaim = new VolumeReclaim(new VolumeRecycler(client, pods, binding, events), binding, events);
        context.Run("persistentvolume-binder", new ClaimReconciler(client, claims, volumes, classes, pods, binding, events), claimQueue, 1);
        context.Run("persistentvolume-binder", new VolumeReconciler(client, volumes, claims, claimQueue, binding, reclaim), volumeQueue, 1);
    }

    /// <summary>The claim of a volume; for a free volume all claims that look for one.</summary>
    private static void WakeClaims(PersistentVolume volume, ILister<PersistentVolumeClaim> claims, WorkQueue<NamespacedName> queue)
    {
        if (volume.Spec.ClaimRef is { } reference)
        {
            queue.Add(new NamespacedName(reference.Namespace ?? "", reference.Name ?? ""));
        }
        else if (volume.Status.Phase == VolumePhase.Available)
        {
            WakeUnbound(claims, queue);
        }
    }

    private static void WakeUnbound(ILister<PersistentVolumeClaim> claims, WorkQueue<NamespacedName> queue)
    {
        foreach (var claim in claims.List())
        {
            if (!claim.Metadata.Has(VolumeAnnotations.BindCompleted))
            {
                queue.Add(claim.Metadata.Key());
            }
        }
    }

    private static void WakeVolume(PersistentVolumeClaim claim, WorkQueue<NamespacedName> queue)
    {
        if (claim.Spec.VolumeName is { Length: > 0 } name)
        {
            queue.Add(new NamespacedName("", name));
        }
    }

    private static void WakeRecycled(Pod pod, WorkQueue<NamespacedName> queue)
    {
        if (VolumeRecycler.VolumeOf(pod) is { } name)
        {
            queue.Add(new NamespacedName("", name));
        }
    }
}
