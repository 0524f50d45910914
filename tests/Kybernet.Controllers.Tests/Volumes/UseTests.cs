using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests.Volumes;

/// <summary>What pods have to do with claims: they keep them from going, and some own theirs.</summary>
public sealed class UseTests : VolumeTest
{
    [Fact]
    public async Task A_claim_in_use_goes_only_after_its_pod_and_a_bound_volume_only_after_its_claim()
    {
        await CreateAsync(Volume("volume", "1Gi"));
        await CreateAsync(Claim("claim", "1Gi"));
        await BoundAsync("claim", "volume");
        await Client.CreateAsync(PodWith("pod", ByClaim("claim")), Cancellation);
        await Eventually.TrueAsync(() => Find<Pod>("a", "pod")!.Status.Phase == "Running", "the pod runs");
        await Eventually.TrueAsync(() => Find<PersistentVolumeClaim>("a", "claim")!.Metadata.Finalizers.Contains("kubernetes.io/pvc-protection"), "the claim is protected");
        await Eventually.TrueAsync(() => Find<PersistentVolume>("", "volume")!.Metadata.Finalizers.Contains("kubernetes.io/pv-protection"), "the volume is protected");

        await Client.DeleteAsync<PersistentVolume>("", "volume", DeleteOptions.Empty, Cancellation);
        await DeleteClaimAsync("claim");
        await CreateAsync(Claim("unused", "1Gi"));
        await DeleteClaimAsync("unused");
        await Eventually.TrueAsync(() => Find<PersistentVolumeClaim>("a", "unused") is null, "one that nobody uses is gone");
        Assert.NotNull(Find<PersistentVolumeClaim>("a", "claim"));
        Assert.NotNull(Find<PersistentVolume>("", "volume"));

        await Client.DeleteAsync<Pod>("a", "pod", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<PersistentVolumeClaim>("a", "claim") is null, "the claim is gone");
        await Eventually.TrueAsync(() => Find<PersistentVolume>("", "volume") is null, "the volume is gone");
    }

    [Fact]
    public async Task An_ephemeral_volume_is_a_claim_that_its_pod_owns()
    {
        await Client.CreateAsync(PodWith("pod", Ephemeral()), Cancellation);
        await Eventually.TrueAsync(() => Find<PersistentVolumeClaim>("a", "pod-data") is not null, "the claim");
        var claim = Find<PersistentVolumeClaim>("a", "pod-data")!;
        var owner = Assert.Single(claim.Metadata.OwnerReferences);
        Assert.Equal(("Pod", "pod", true, true), (owner.Kind, owner.Name, owner.Controller, owner.BlockOwnerDeletion));
        Assert.Equal("data", claim.Metadata.Labels["for"]);

        await Client.DeleteAsync<Pod>("a", "pod", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<PersistentVolumeClaim>("a", "pod-data") is null, "it goes with the pod");
    }

    [Fact]
    public async Task A_claim_of_another_that_has_the_name_is_not_taken()
    {
        await CreateAsync(Claim("pod-data", "1Gi"));
        await Client.CreateAsync(PodWith("pod", Ephemeral()), Cancellation);
        await EventAsync("FailedBinding", "ephemeral volume data: PVC a/pod-data was not created for pod a/pod (pod is not owner)");
        Assert.Empty(Find<PersistentVolumeClaim>("a", "pod-data")!.Metadata.OwnerReferences);
    }

    private static Volume Ephemeral() => new()
    {
        Name = "data",
        Ephemeral = new EphemeralVolumeSource
        {
            VolumeClaimTemplate = new PersistentVolumeClaimTemplate
            {
                Metadata = new ObjectMeta { Labels = new Dictionary<string, string> { ["for"] = "data" } }, Spec = Claim("any", "1Gi").Spec,
            },
        },
    };
}
