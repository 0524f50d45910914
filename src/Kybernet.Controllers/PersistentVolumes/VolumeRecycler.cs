using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Storage;
using Kybernet.Client;

namespace Kybernet.Controllers.PersistentVolumes;

/// <summary>Empties volumes that can be emptied from any node, by a pod that has them mounted, and makes them available again.</summary>
internal sealed class VolumeRecycler(ApiClient client, ILister<Pod> pods, VolumeBinding binding, IEventRecorder events)
{
    private const string Namespace = "default";
    private const string Image = "registry.k8s.io/build-image/debian-base:bookworm-v1.0.4";
    private const string Prefix = "recycler-for-";
    private const long Deadline = 300;

    /// <summary>The volume that a pod recycles; null for another pod.</summary>
    public static string? VolumeOf(Pod pod) =>
        pod.Metadata is { Namespace: Namespace, Name: { } name } && name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : null;

    public async Task RunAsync(PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (volume.Spec.HostPath is null && volume.Spec.Nfs is null)
        {
            await FailAsync(volume, "No recycler plugin found for the volume!", cancellationToken);
            return;
        }
        var name = Prefix + volume.Metadata.Name;
        if (pods.Get(new NamespacedName(Namespace, name)) is not { } pod)
        {
            await CreateAsync(name, volume, cancellationToken);
            return;
        }
        if (!pod.IsTerminal())
        {
            return; // its next change wakes the volume
        }
        // The volume first: without its pod it would be emptied once more.
        if (pod.Status.Phase == "Succeeded")
        {
            events.Record(volume, EventType.Normal, "VolumeRecycled", "Volume recycled");
            await binding.UnbindAsync(
                volume with { Metadata = volume.Metadata.With(VolumeAnnotations.BoundByController, "yes") }, cancellationToken); // whoever chose the claim: it is gone
        }
        else
        {
            await FailAsync(volume, $"Recycle failed: {pod.Status.Message ?? "pod failed, pod.Status.Message unknown"}", cancellationToken);
        }
        await client.DeleteAsync<Pod>(Namespace, name, DeleteOptions.Empty, cancellationToken);
    }

    private async Task CreateAsync(string name, PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (volume.Status.Phase == VolumePhase.Failed)
        {
            return; // tried, and left to the user
        }
        try
        {
            await client.CreateAsync(PodFor(name, volume), cancellationToken);
            events.Record(volume, EventType.Normal, "RecyclerPod", "Recycler pod: Successfully created");
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            // made before; the cache does not show it yet
        }
    }

    private async Task FailAsync(PersistentVolume volume, string message, CancellationToken cancellationToken)
    {
        if (await binding.SetPhaseAsync(volume, VolumePhase.Failed, message, cancellationToken))
        {
            events.Record(volume, EventType.Warning, "VolumeFailedRecycle", message);
        }
    }

    private static Pod PodFor(string name, PersistentVolume volume) => new()
    {
        Metadata = new ObjectMeta { Namespace = Namespace, Name = name },
        Spec = new PodSpec
        {
            ActiveDeadlineSeconds = Deadline,
            RestartPolicy = "Never",
            Volumes = [new Volume { Name = "vol", HostPath = volume.Spec.HostPath, Nfs = volume.Spec.Nfs }],
            Containers =
            [
                new Container
                {
                    Name = "pv-recycler",
                    Image = Image,
                    Command = ["/bin/sh"],
                    // It succeeds only where nothing is left.
                    Args = ["-c", "test -e /scrub && find /scrub -mindepth 1 -delete && test -z \"$(ls -A /scrub)\" || exit 1"],
                    VolumeMounts = [new VolumeMount { Name = "vol", MountPath = "/scrub" }],
                },
            ],
        },
    };
}
