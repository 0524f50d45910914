using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;
using Kybernet.Client;
using Kybernet.Controllers.PersistentVolumes;

namespace Kybernet.Controllers.VolumeProtection;

/// <summary>A claim stays while a scheduled pod uses it, a volume while it is bound.</summary>
internal static class VolumeProtectionControllers
{
    private const string ClaimFinalizer = "kubernetes.io/pvc-protection";
    private const string VolumeFinalizer = "kubernetes.io/pv-protection";

    public static void Add(ControllerContext context)
    {
        AddClaims(context);
        AddVolumes(context);
    }

    private static void AddClaims(ControllerContext context)
    {
        var client = context.ClientFor("pvc-protection-controller");
        var claims = context.Informers.Informer<PersistentVolumeClaim>();
        var pods = context.Informers.Informer<Pod>();
        ClaimUsers.AddIndex(pods);
        var queue = context.Queue("persistentvolumeclaim-protection");
        queue.WakeOn(claims);
        pods.AddHandler(new InformerHandler<Pod>(
            onUpdated: (previous, current) =>
            {
                if (previous.Metadata.Uid != current.Metadata.Uid)
                {
                    Wake(previous, queue);
                }
            },
            onDeleted: deleted => Wake(deleted, queue)));
        var reconciler = new ProtectionReconciler<PersistentVolumeClaim>(
            client, claims, ClaimFinalizer, (claim, cancellationToken) => IsUsedAsync(claim, client, pods, cancellationToken));
        context.Run("persistentvolumeclaim-protection", reconciler, queue, 1);
    }

    private static void AddVolumes(ControllerContext context)
    {
        var volumes = context.Informers.Informer<PersistentVolume>();
        var queue = context.Queue("persistentvolume-protection");
        queue.WakeOn(volumes);
        var reconciler = new ProtectionReconciler<PersistentVolume>(
            context.ClientFor("pv-protection-controller"),
            volumes,
            VolumeFinalizer,
            static (volume, _) => Task.FromResult(volume.Status.Phase == VolumePhase.Bound));
        context.Run("persistentvolume-protection", reconciler, queue, 1);
    }

    private static void Wake(Pod pod, WorkQueue<NamespacedName> queue)
    {
        foreach (var name in PodClaims.NamesOf(pod))
        {
            queue.Add(new NamespacedName(pod.Metadata.Namespace ?? "", name));
        }
    }

    /// <summary>The cache may lack a pod that has just come, and the data would be gone: where it shows none, the server is asked.</summary>
    private static async Task<bool> IsUsedAsync(PersistentVolumeClaim claim, ApiClient client, ILister<Pod> pods, CancellationToken cancellationToken) =>
        pods.ByIndex(ClaimUsers.Index, ClaimUsers.KeyOf(claim)).Any(pod => Uses(pod, claim))
        || (await client.ListAsync<Pod>(claim.Metadata.Namespace!, ListSelection.All, cancellationToken)).Any(pod => Uses(pod, claim));

    /// <summary>Pods that are not on a node yet do not count: none is started that uses a claim which is going.</summary>
    private static bool Uses(Pod pod, PersistentVolumeClaim claim) =>
        !string.IsNullOrEmpty(pod.Spec.NodeName)
        && pod.Spec.Volumes.Any(volume => PodClaims.NameOf(pod, volume) == claim.Metadata.Name
            && (volume.Ephemeral is null || claim.Metadata.IsControlledBy(pod)));
}
