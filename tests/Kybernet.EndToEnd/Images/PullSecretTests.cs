using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;
using Kybernet.EndToEnd.Nodes;

namespace Kybernet.EndToEnd.Images;

/// <summary>Images of a registry that asks for a password.</summary>
public sealed class PullSecretTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_gets_its_image_with_its_own_or_its_accounts_secret_and_not_without()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await using var registry = await TestRegistry.StartAsync(cluster.Program, PodYaml.Image, "team/web:1", Token);
        await TestRegistry.LogInAsync(space, "login", registry.Host, Token);
        await TestRegistry.LogInAsync(space, "stale", registry.Host, Token, password: "wrong");

        await space.ApplyAsync<Pod>(PodOf("without", registry.Host));
        await space.WaitForAsync<Pod>(
            "without",
            static pod => pod.Status.ContainerStatuses is [{ State.Waiting.Reason: "ErrImagePull" or "ImagePullBackOff" }],
            "refused");
        Assert.Contains(await space.ListEventsAsync("without"), one => one.Reason == "Failed" && one.Message!.StartsWith($"Failed to pull image \"{registry.Host}/team/web:1\": ", StringComparison.Ordinal));

        var pulled = await space.PodRunsAsync(PodOf("own", registry.Host, "imagePullSecrets: [{name: missing}, {name: stale}, {name: login}]"));
        var digest = pulled.Status.ContainerStatuses[0].ImageID!.Split('@')[1];

        await space.PatchAsync<ServiceAccount>("default", "imagePullSecrets: [{name: login}]");
        var pinned = await space.PodRunsAsync(PodOf("pinned", registry.Host).Replace("team/web:1", $"team/web@{digest}", StringComparison.Ordinal));
        Assert.Equal("login", Assert.Single(pinned.Spec.ImagePullSecrets).Name);
        Assert.EndsWith(digest, pinned.Status.ContainerStatuses[0].ImageID, StringComparison.Ordinal);
    }

    private static string PodOf(string name, string registry, string pod = "") =>
        PodYaml.Web("imagePullPolicy: Always", pod, name).Replace($"image: {PodYaml.Image}", $"image: {registry}/team/web:1", StringComparison.Ordinal);
}
