using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests.Volumes;

/// <summary>All that clients do with volumes and claims, with the controllers looking on.</summary>
public sealed class VolumeLifeTests : VolumeTest
{
    private static readonly Dictionary<string, string> Labels = new() { ["life"] = "test" };

    [Fact]
    [Trait("Conformance", "persistentvolumes-claims-lifecycle")]
    public async Task Volumes_and_claims_can_be_changed_in_every_way_and_really_go()
    {
        await CreateLabelledAsync("one");
        var selection = new ListSelection(LabelSelector: "life=test");
        Assert.Single(await Client.ListAsync<PersistentVolume>("", selection, Cancellation));
        Assert.Single(await Client.ListAsync<PersistentVolumeClaim>("a", selection, Cancellation));

        var patch = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["patched"] = JsonValue.Create("yes") } } });
        Assert.Equal("yes", (await Client.PatchAsync<PersistentVolume>("", "one", "", patch, Cancellation)).Metadata.Labels["patched"]);
        Assert.Equal("yes", (await Client.PatchAsync<PersistentVolumeClaim>("a", "one", "", patch, Cancellation)).Metadata.Labels["patched"]);
        await ChangeAsync<PersistentVolume>("", "one", static item => item with { Metadata = item.Metadata with { Labels = Labels } });
        await ChangeAsync<PersistentVolumeClaim>("a", "one", static item => item with { Metadata = item.Metadata with { Labels = Labels } });
        Assert.False(Find<PersistentVolume>("", "one")!.Metadata.Labels.ContainsKey("patched"));

        await DeleteClaimAsync("one");
        await Client.DeleteAsync<PersistentVolume>("", "one", DeleteOptions.Empty, Cancellation);
        await GoneAsync("one");

        await CreateLabelledAsync("two");
        await DeleteAllAsync<PersistentVolumeClaim>("a", selection);
        await DeleteAllAsync<PersistentVolume>("", selection);
        await GoneAsync("two");
    }

    private async Task CreateLabelledAsync(string name)
    {
        var (volume, claim) = (Volume(name, "1Gi"), Claim(name, "1Gi"));
        await CreateAsync(volume with { Metadata = volume.Metadata with { Labels = Labels } });
        await CreateAsync(claim with { Metadata = claim.Metadata with { Labels = Labels } });
        await BoundAsync(name, name);
    }

    private async Task DeleteAllAsync<T>(string @namespace, ListSelection selection)
        where T : class, Kybernet.Api.Json.IResourceObject<T> => ApiClient.ThrowIfFailed(
            await Client.Transport.SendAsync(new ApiCall(HttpMethod.Delete, ResourcePath.Of<T>(@namespace) + selection.ToQuery()), Cancellation));

    private async Task GoneAsync(string name)
    {
        await Eventually.TrueAsync(() => Find<PersistentVolumeClaim>("a", name) is null, "the claim is gone");
        await Eventually.TrueAsync(() => Find<PersistentVolume>("", name) is null, "the volume is gone");
    }
}
