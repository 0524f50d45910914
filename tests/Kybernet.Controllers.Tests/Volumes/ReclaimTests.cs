using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests.Volumes;

/// <summary>What becomes of a volume after its claim, and of a claim after its volume.</summary>
public sealed class ReclaimTests : VolumeTest
{
    [Fact]
    public async Task A_retained_volume_is_released_and_nobody_elses()
    {
        await BindAsync(Volume("volume", "1Gi"));
        await DeleteClaimAsync("claim");
        await PhaseAsync("volume", "Released");
        await CreateAsync(Claim("claim", "1Gi", "manual"));
        await Eventually.TrueAsync(() => Find<PersistentVolumeClaim>("a", "claim")!.Status.Phase == "Pending", "the next claim waits");
        Assert.Equal("Released", Find<PersistentVolume>("", "volume")!.Status.Phase);
    }

    [Fact]
    public async Task A_volume_that_nobody_can_delete_has_failed()
    {
        var volume = Volume("volume", "1Gi");
        await BindAsync(volume with { Spec = volume.Spec with { PersistentVolumeReclaimPolicy = "Delete" } });
        await DeleteClaimAsync("claim");
        await PhaseAsync("volume", "Failed");
        Assert.Equal(
            "error getting deleter volume plugin for volume \"volume\": no deletable volume plugin matched", Find<PersistentVolume>("", "volume")!.Status.Message);
    }

    [Fact]
    public async Task A_volume_whose_provisioner_deletes_it_stays_released_until_it_does()
    {
        var volume = Volume("volume", "1Gi");
        await BindAsync(volume with
        {
            Metadata = volume.Metadata with { Annotations = new Dictionary<string, string> { ["pv.kubernetes.io/provisioned-by"] = "example.com/disks" } },
            Spec = volume.Spec with { PersistentVolumeReclaimPolicy = "Delete" },
        });
        await DeleteClaimAsync("claim");
        await PhaseAsync("volume", "Released");
        await Client.DeleteAsync<PersistentVolume>("", "volume", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<PersistentVolume>("", "volume") is null, "it is gone");
    }

    [Fact]
    public async Task A_recycled_volume_is_emptied_by_a_pod_and_available_again()
    {
        var volume = Volume("volume", "1Gi");
        await BindAsync(volume with { Spec = volume.Spec with { PersistentVolumeReclaimPolicy = "Recycle" } });
        await DeleteClaimAsync("claim");
        await Eventually.TrueAsync(() => Find<Pod>("default", "recycler-for-volume")?.Status.Phase == "Running", "the pod");
        Assert.Equal("/tmp/volume", Find<Pod>("default", "recycler-for-volume")!.Spec.Volumes[0].HostPath!.Path);
        await RetryOnConflict.RunAsync(
            async token =>
            {
                var pod = await Client.GetAsync<Pod>("default", "recycler-for-volume", token);
                return await Client.UpdateStatusAsync(pod with { Status = pod.Status with { Phase = "Succeeded" } }, token);
            },
            TimeProvider.System,
            Cancellation);
        await AvailableAsync("volume");
        Assert.Null(Find<PersistentVolume>("", "volume")!.Spec.ClaimRef);
        await Eventually.TrueAsync(() => Find<Pod>("default", "recycler-for-volume") is null, "the pod is gone");
    }

    [Fact]
    public async Task A_claim_whose_volume_is_gone_is_lost()
    {
        await BindAsync(Volume("volume", "1Gi"));
        await Client.DeleteAsync<PersistentVolume>("", "volume", DeleteOptions.Empty, Cancellation);
        await ChangeAsync<PersistentVolume>("", "volume", static volume => volume with { Metadata = volume.Metadata with { Finalizers = [] } });
        await Eventually.TrueAsync(() => Find<PersistentVolumeClaim>("a", "claim")!.Status.Phase == "Lost", "it is lost");
        await EventAsync("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
    }

    private async Task BindAsync(PersistentVolume volume)
    {
        await CreateAsync(volume);
        await CreateAsync(Claim("claim", "1Gi"));
        await BoundAsync("claim", volume.Metadata.Name!);
        await Eventually.TrueAsync(() => Find<PersistentVolume>("", volume.Metadata.Name!)!.Metadata.Finalizers.Count > 0, "it is protected");
    }
}
