using k8s;
using k8s.Models;
using Kybernet.Testing;
using Microsoft.Extensions.Time.Testing;
using Websites.Operator;

namespace Websites.Tests;

/// <summary>A cluster of its own, whose time passes when the test says so.</summary>
public sealed class TakeDownTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_website_is_taken_down_when_its_time_is_over()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Clock = clock, Controllers = TestControllers.Core }, Token);
        await cluster.InstallAsync<Website>(cancellationToken: Token);
        using var websites = new GenericClient(cluster.Client, "example.com", "v1", "websites", disposeClient: false);
        await websites.CreateNamespacedAsync(
            new Website { Metadata = new V1ObjectMeta { Name = "brief" }, Spec = new WebsiteSpec { Image = "site:1", Replicas = 2, TakeDownAfterMinutes = 60 } }, "default", Token);
        var reconciler = new WebsiteReconciler(cluster.Client, clock);

        Assert.Equal(TimeSpan.FromMinutes(60), await reconciler.ReconcileAsync("default", "brief", Token));
        Assert.Equal(2, (await cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("brief", "default", cancellationToken: Token)).Spec.Replicas);

        clock.Advance(TimeSpan.FromMinutes(60));
        Assert.Null(await reconciler.ReconcileAsync("default", "brief", Token));

        Assert.Equal(0, (await cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("brief", "default", cancellationToken: Token)).Spec.Replicas);
        Assert.Equal("TakenDown", (await websites.ReadNamespacedAsync<Website>("default", "brief", Token)).Status!.Phase);
    }
}
