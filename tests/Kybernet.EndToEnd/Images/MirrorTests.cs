using Kybernet.EndToEnd.Fixture;
using Kybernet.EndToEnd.Nodes;

namespace Kybernet.EndToEnd.Images;

/// <summary>Registries that stand in for others.</summary>
public sealed class MirrorTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_comes_from_its_registrys_mirror_under_its_own_name()
    {
        const string original = "registry.example";
        await using var space = await cluster.NamespaceAsync(Token);
        await using var registry = await TestRegistry.StartAsync(cluster.Program, PodYaml.Image, "team/web:1", Token);
        var mirror = registry.StandInFor(original);
        try
        {
            await TestRegistry.LogInAsync(space, "login", original, Token);
            const string image = $"{original}/team/web:1";
            await space.PodRunsAsync(PodYaml.Web("imagePullPolicy: Always", "imagePullSecrets: [{name: login}]").Replace(PodYaml.Image, image, StringComparison.Ordinal));
            Assert.Contains(
                await space.ListEventsAsync("pod"), one => one.Reason == "Pulled" && one.Message!.StartsWith($"Successfully pulled image \"{image}\" in ", StringComparison.Ordinal));
        }
        finally
        {
            mirror.Delete(recursive: true);
        }
    }
}
