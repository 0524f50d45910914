using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests.Volumes;

/// <summary>Which volume a claim gets.</summary>
public sealed class BindingTests : VolumeTest
{
    [Fact]
    public async Task A_claim_gets_the_smallest_volume_that_is_large_enough_and_all_of_it()
    {
        await CreateAsync(Volume("small", "1Gi"));
        await CreateAsync(Volume("large", "10Gi"));
        await CreateAsync(Volume("right", "5Gi"));
        await CreateAsync(Volume("other", "3Gi", "elsewhere"));
        foreach (var name in new[] { "small", "large", "right", "other" })
        {
            await AvailableAsync(name);
        }
        await CreateAsync(Claim("claim", "2Gi"));

        var claim = await BoundAsync("claim", "right");
        Assert.Equal("5Gi", claim.Status.Capacity["storage"].ToString());
        Assert.Equal(["ReadWriteOnce"], claim.Status.AccessModes);
        Assert.Equal("yes", claim.Metadata.Annotations["pv.kubernetes.io/bind-completed"]);
        Assert.Equal("yes", claim.Metadata.Annotations["pv.kubernetes.io/bound-by-controller"]);
        var volume = Find<PersistentVolume>("", "right")!;
        Assert.Equal("yes", volume.Metadata.Annotations["pv.kubernetes.io/bound-by-controller"]);
        Assert.Equal((claim.Metadata.Uid, "claim", "a"), (volume.Spec.ClaimRef!.Uid, volume.Spec.ClaimRef.Name, volume.Spec.ClaimRef.Namespace));
    }

    [Fact]
    public async Task A_claims_selector_access_modes_and_volume_mode_have_to_be_met()
    {
        await CreateAsync(Volume("plain", "1Gi"));
        var block = Volume("block", "1Gi");
        await CreateAsync(block with { Spec = block.Spec with { VolumeMode = "Block" } });
        var shared = Volume("shared", "1Gi");
        await CreateAsync(shared with { Spec = shared.Spec with { AccessModes = ["ReadWriteOnce", "ReadWriteMany"] } });
        var gold = Volume("gold", "9Gi");
        await CreateAsync(gold with { Metadata = gold.Metadata with { Labels = new Dictionary<string, string> { ["tier"] = "gold" } } });
        foreach (var name in new[] { "plain", "block", "shared", "gold" })
        {
            await AvailableAsync(name);
        }
        var asking = Claim("selecting", "1Gi");
        await CreateAsync(asking with
        {
            Spec = asking.Spec with { Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["tier"] = "gold" } } },
        });
        await BoundAsync("selecting", "gold");
        asking = Claim("sharing", "1Gi");
        await CreateAsync(asking with { Spec = asking.Spec with { AccessModes = ["ReadWriteMany"] } });
        await BoundAsync("sharing", "shared");
        asking = Claim("raw", "1Gi");
        await CreateAsync(asking with { Spec = asking.Spec with { VolumeMode = "Block" } });
        await BoundAsync("raw", "block");
    }

    [Fact]
    public async Task Two_claims_never_get_the_same_volume()
    {
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync(Volume($"volume-{i}", "1Gi"));
        }
        for (var i = 0; i < 6; i++)
        {
            await CreateAsync(Claim($"claim-{i}", "1Gi"));
        }
        await Eventually.TrueAsync(() => List<PersistentVolumeClaim>("a").Count(static claim => claim.Status.Phase == "Bound") == 5, "five are bound");
        await Eventually.TrueAsync(() => List<PersistentVolume>("").All(static volume => volume.Status.Phase == "Bound"), "all volumes are bound");
        var names = List<PersistentVolumeClaim>("a").Select(static claim => claim.Spec.VolumeName).OfType<string>().ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Fact]
    public async Task A_volume_set_aside_for_a_claim_waits_for_it()
    {
        var reserved = Volume("reserved", "10Gi");
        await CreateAsync(reserved with { Spec = reserved.Spec with { ClaimRef = new ObjectReference { Namespace = "a", Name = "expected" } } });
        await CreateAsync(Volume("free", "1Gi"));
        await AvailableAsync("reserved");
        await AvailableAsync("free");
        await CreateAsync(Claim("other", "1Gi"));
        await BoundAsync("other", "free");
        await CreateAsync(Claim("expected", "1Gi"));
        await BoundAsync("expected", "reserved");
        Assert.False(Find<PersistentVolume>("", "reserved")!.Metadata.Annotations.ContainsKey("pv.kubernetes.io/bound-by-controller"));
    }

    [Fact]
    public async Task A_claim_that_names_its_volume_gets_that_or_none()
    {
        await CreateAsync(Volume("small", "1Gi"));
        await CreateAsync(Volume("large", "10Gi"));
        await AvailableAsync("small");
        await AvailableAsync("large");
        var choosing = Claim("choosing", "1Gi");
        await CreateAsync(choosing with { Spec = choosing.Spec with { VolumeName = "large" } });
        await BoundAsync("choosing", "large");
        var greedy = Claim("greedy", "2Gi");
        await CreateAsync(greedy with { Spec = greedy.Spec with { VolumeName = "small" } });
        await EventAsync("VolumeMismatch", "Cannot bind to requested volume \"small\": requested PV is too small");
        var late = Claim("late", "1Gi");
        await CreateAsync(late with { Spec = late.Spec with { VolumeName = "large" } });
        await EventAsync("FailedBinding", "volume \"large\" already bound to a different claim.");
        Assert.Equal("Pending", Find<PersistentVolumeClaim>("a", "late")!.Status.Phase);
    }

    [Fact]
    public async Task A_claim_whose_class_does_not_let_it_cannot_grow()
    {
        await CreateAsync(Volume("volume", "1Gi"));
        await CreateAsync(Claim("claim", "1Gi"));
        await BoundAsync("claim", "volume");
        var refused = await Assert.ThrowsAsync<ApiException>(() => ChangeAsync<PersistentVolumeClaim>(
            "a", "claim", static claim => claim with { Spec = claim.Spec with { Resources = Claim("any", "2Gi").Spec.Resources } }));
        Assert.Equal(
            "persistentvolumeclaims \"claim\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
            refused.Message);
    }
}
