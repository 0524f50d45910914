using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;
using Kybernet.Api.Storage.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.PersistentVolumes;

/// <summary>Finds a volume for each claim, has one provisioned where there is none, and says when a volume was lost.</summary>
internal sealed class ClaimReconciler(
    ApiClient client,
    ILister<PersistentVolumeClaim> claims,
    ILister<PersistentVolume> volumes,
    ILister<StorageClass> classes,
    ILister<Pod> pods,
    VolumeBinding binding,
    IEventRecorder events) : IReconciler
{
    /// <summary>How often a claim is looked at that waits for somebody outside: its events tell the user that it still does.</summary>
    private static readonly TimeSpan Resync = TimeSpan.FromSeconds(15);

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (claims.Get(key) is not { } claim)
        {
            return Requeue.OnChange;
        }
        if (claim.Metadata.Has(VolumeAnnotations.BindCompleted))
        {
            await KeepAsync(claim, cancellationToken);
            return Requeue.OnChange;
        }
        if (claim.Metadata.DeletionTimestamp is not null)
        {
            return Requeue.OnChange; // nothing is bound to what is going
        }
        var isBound = string.IsNullOrEmpty(claim.Spec.VolumeName)
            ? await ChooseAsync(claim, cancellationToken)
            : await TakeAsync(claim, claim.Spec.VolumeName, cancellationToken);
        return isBound ? Requeue.OnChange : Requeue.In(Resync);
    }

    /// <summary>A claim that was bound stays so, or is lost.</summary>
    private async Task KeepAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(claim.Spec.VolumeName))
        {
            await LoseAsync(claim, "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!", cancellationToken);
            return;
        }
        // The cache may not show a volume yet that another has just made, and a loss is not taken back.
        var volume = volumes.Get(new NamespacedName("", claim.Spec.VolumeName))
            ?? await client.FindAsync<PersistentVolume>("", claim.Spec.VolumeName, cancellationToken);
        if (volume is null)
        {
            await LoseAsync(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!", cancellationToken);
        }
        else if (volume.Spec.ClaimRef is null || volume.Spec.ClaimRef.Uid == claim.Metadata.Uid)
        {
            await binding.BindAsync(volume, claim, cancellationToken);
        }
        else
        {
            await LoseAsync(claim, "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly", cancellationToken);
        }
    }

    private async Task LoseAsync(PersistentVolumeClaim claim, string reason, string message, CancellationToken cancellationToken)
    {
        if (await binding.SetUnboundAsync(claim, ClaimPhase.Lost, cancellationToken))
        {
            events.Record(claim, EventType.Warning, reason, message);
        }
    }

    /// <summary>The user chose the volume.</summary>
    private async Task<bool> TakeAsync(PersistentVolumeClaim claim, string name, CancellationToken cancellationToken)
    {
        if (volumes.Get(new NamespacedName("", name)) is { } volume)
        {
            if (volume.Spec.ClaimRef is null)
            {
                if (VolumeMatching.Mismatch(volume, claim) is not { } problem)
                {
                    await binding.BindAsync(volume, claim, cancellationToken);
                    return true;
                }
                events.Record(claim, EventType.Warning, "VolumeMismatch", $"Cannot bind to requested volume \"{name}\": {problem}");
            }
            else if (VolumeMatching.IsBoundTo(volume, claim))
            {
                await binding.BindAsync(volume, claim, cancellationToken);
                return true;
            }
            else
            {
                events.Record(claim, EventType.Warning, "FailedBinding", $"volume \"{name}\" already bound to a different claim.");
            }
        }
        await binding.SetUnboundAsync(claim, ClaimPhase.Pending, cancellationToken);
        return false;
    }

    private async Task<bool> ChooseAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (StorageClasses.IsOpen(claim) && StorageClasses.Default(classes.List()) is { } chosen)
        {
            claim = await client.UpdateAsync(claim with { Spec = claim.Spec with { StorageClassName = chosen.Metadata.Name } }, cancellationToken);
        }
        var className = StorageClasses.ClassOf(claim);
        var storageClass = className.Length == 0 ? null : classes.Get(new NamespacedName("", className));
        var isWaiting = StorageClasses.WaitsForConsumer(storageClass);
        if (VolumeMatching.Find(claim, volumes.List(), isWaiting, static _ => true) is { } volume)
        {
            await binding.BindAsync(volume, claim, cancellationToken);
            return true;
        }
        if (isWaiting && !claim.Metadata.Has(VolumeAnnotations.SelectedNode))
        {
            RecordWaiting(claim);
        }
        else if (className.Length == 0)
        {
            events.Record(claim, EventType.Normal, "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
        }
        else
        {
            claim = await RequestVolumeAsync(claim, className, storageClass, cancellationToken);
        }
        await binding.SetUnboundAsync(claim, ClaimPhase.Pending, cancellationToken);
        return false;
    }

    private void RecordWaiting(PersistentVolumeClaim claim)
    {
        foreach (var pod in pods.ByIndex(ClaimUsers.Index, ClaimUsers.KeyOf(claim)))
        {
            if (string.IsNullOrEmpty(pod.Spec.NodeName) && !pod.IsTerminal())
            {
                events.Record(claim, EventType.Normal, "WaitForPodScheduled", $"waiting for pod {pod.Metadata.Name} to be scheduled");
                return;
            }
        }
        events.Record(claim, EventType.Normal, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
    }

    /// <summary>Tells the provisioner of the class, which is never a part of this controller, that a volume is wanted.</summary>
    private async Task<PersistentVolumeClaim> RequestVolumeAsync(
        PersistentVolumeClaim claim, string className, StorageClass? storageClass, CancellationToken cancellationToken)
    {
        if (storageClass is null)
        {
            events.Record(claim, EventType.Warning, "ProvisioningFailed", $"storageclass.storage.k8s.io \"{className}\" not found");
            return claim;
        }
        var provisioner = storageClass.Provisioner;
        if (provisioner.StartsWith("kubernetes.io/", StringComparison.Ordinal))
        {
            events.Record(claim, EventType.Warning, "ProvisioningFailed", $"no volume plugin matched name: {provisioner}");
            return claim;
        }
        if (claim.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.StorageProvisioner) != provisioner)
        {
            var metadata = claim.Metadata.With(VolumeAnnotations.StorageProvisioner, provisioner).With(VolumeAnnotations.BetaStorageProvisioner, provisioner);
            claim = await client.UpdateAsync(claim with { Metadata = metadata }, cancellationToken);
        }
        events.Record(
            claim,
            EventType.Normal,
            "ExternalProvisioning",
            $"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. "
            + "If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
        return claim;
    }
}
