using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;
using Kybernet.EndToEnd.Nodes;

namespace Kybernet.EndToEnd.Images;

/// <summary>Volumes that show the files of an image of a registry.</summary>
public sealed class ImageVolumeTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "image-volume")]
    public async Task A_pod_mounts_an_image_that_is_pulled_for_it_with_its_secret()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await using var registry = await TestRegistry.StartAsync(cluster.Program, PodYaml.Image, "team/files:1", Token);
        await TestRegistry.LogInAsync(space, "login", registry.Host, Token);
        var image = $"{registry.Host}/team/files:1";

        await space.ApplyAsync<Pod>(PodOf("refused", image, ""));
        await space.WaitForAsync<Pod>(
            "refused", static pod => pod.Status.ContainerStatuses is [{ State.Waiting.Reason: "ErrImagePull" or "ImagePullBackOff" }], "refused");

        await space.ApplyAsync<Pod>(PodOf("reader", image, "imagePullSecrets: [{name: login}]"));
        await space.WaitForAsync<Pod>("reader", static pod => pod.Status.Phase == "Succeeded", "ended");
        Assert.Equal("whole\npart\n", await space.Kubectl.RunAsync(Token, "logs", "reader"));
        var events = await space.ListEventsAsync("reader");
        Assert.Contains(events, one => one.Reason == "Pulled" && one.Message!.StartsWith($"Successfully pulled image \"{image}\" in ", StringComparison.Ordinal));
    }

    private static string PodOf(string name, string image, string pod) => PodYaml.Script(
        "test -x /image/bin/sh && echo whole; test -x /part/sh && echo part; touch /image/new 2>/dev/null && exit 1; exit 0",
        "volumeMounts: [{name: files, mountPath: /image}, {name: files, mountPath: /part, subPath: bin}]",
        $"volumes: [{{name: files, image: {{reference: {PodYaml.Quoted(image)}, pullPolicy: Always}}}}]\n{pod}",
        name);
}
