using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests.Volumes;

/// <summary>What a claim waits for that finds no volume, and what it is told.</summary>
public sealed class ProvisioningTests : VolumeTest
{
    [Fact]
    public async Task A_claim_of_no_class_that_no_volume_fits_says_so_and_is_bound_when_one_comes()
    {
        await CreateAsync(Claim("claim", "1Gi", ""));
        await EventAsync("FailedBinding", "no persistent volumes available for this claim and no storage class is set");
        Assert.Equal("Pending", Find<PersistentVolumeClaim>("a", "claim")!.Status.Phase);
        await CreateAsync(Volume("volume", "1Gi", null));
        await BoundAsync("claim", "volume");
    }

    [Fact]
    public async Task A_cluster_has_a_default_class_and_claims_without_one_get_it()
    {
        await Eventually.TrueAsync(() => Find<StorageClass>("", "local-path") is not null, "the class");
        await CreateAsync(Claim("claim", "1Gi", null));
        await Eventually.TrueAsync(() => Find<PersistentVolumeClaim>("a", "claim")!.Spec.StorageClassName == "local-path", "the claim has it");
        await EventAsync("WaitForFirstConsumer", "waiting for first consumer to be created before binding");
    }

    [Fact]
    public async Task A_provisioner_is_told_of_claims_of_its_class()
    {
        await Client.CreateAsync(Class("fast", "example.com/disks"), Cancellation);
        await CreateAsync(Claim("claim", "1Gi", "fast"));
        await EventAsync(
            "ExternalProvisioning",
            "Waiting for a volume to be created either by the external provisioner 'example.com/disks' or manually by the system administrator. "
            + "If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
        var annotations = Find<PersistentVolumeClaim>("a", "claim")!.Metadata.Annotations;
        Assert.Equal("example.com/disks", annotations["volume.kubernetes.io/storage-provisioner"]);
        Assert.Equal("example.com/disks", annotations["volume.beta.kubernetes.io/storage-provisioner"]);

        var made = Volume("made", "1Gi", "fast");
        await CreateAsync(made with { Spec = made.Spec with { ClaimRef = Kybernet.Client.ObjectReferences.To(Find<PersistentVolumeClaim>("a", "claim")!) } });
        await BoundAsync("claim", "made");
    }

    [Fact]
    public async Task A_class_that_is_not_there_is_named_and_used_when_it_comes()
    {
        await CreateAsync(Claim("claim", "1Gi", "later"));
        await EventAsync("ProvisioningFailed", "storageclass.storage.k8s.io \"later\" not found");
        await Client.CreateAsync(Class("later", "example.com/disks"), Cancellation);
        await Eventually.TrueAsync(
            () => Find<PersistentVolumeClaim>("a", "claim")!.Metadata.Annotations.ContainsKey("volume.kubernetes.io/storage-provisioner"), "its provisioner is asked");
    }

    [Fact]
    public async Task A_claim_of_a_waiting_class_is_left_to_the_scheduler_though_a_volume_is_free()
    {
        await Client.CreateAsync(Class("waiting", "kubernetes.io/no-provisioner", "WaitForFirstConsumer"), Cancellation);
        await CreateAsync(Volume("volume", "1Gi", "waiting"));
        await AvailableAsync("volume");
        await CreateAsync(Claim("claim", "1Gi", "waiting"));
        await EventAsync("WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        Assert.Equal("Available", Find<PersistentVolume>("", "volume")!.Status.Phase);
    }
}
