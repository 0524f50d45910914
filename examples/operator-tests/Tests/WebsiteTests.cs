using k8s;
using k8s.Models;
using Kybernet.Testing.Waiting;
using Websites.Operator;

namespace Websites.Tests;

public sealed class WebsiteTests(WebsiteFixture fixture) : IClassFixture<WebsiteFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_website_is_up_when_its_pods_are()
    {
        await using var space = await fixture.Cluster.NewNamespaceAsync(cancellationToken: Token);
        await CreateAsync(space, new WebsiteSpec { Image = "site:1", Replicas = 3 });

        var up = await fixture.Cluster.WaitForAsync<Website>(space, "home", static website => website.Status?.Phase == "Up", cancellationToken: Token);

        Assert.Equal(3, up.Status!.ReadyReplicas);
        Assert.Equal(3, (await fixture.Cluster.Client.CoreV1.ListNamespacedPodAsync(space, cancellationToken: Token)).Items.Count);
    }

    [Fact]
    public async Task A_new_image_is_rolled_out()
    {
        await using var space = await fixture.Cluster.NewNamespaceAsync(cancellationToken: Token);
        var website = await CreateAsync(space, new WebsiteSpec { Image = "site:1", Replicas = 1 });
        website = await fixture.Cluster.WaitForAsync(website, static up => up.Status?.Phase == "Up", cancellationToken: Token);
        website.Spec.Image = "site:2";
        await fixture.Websites.ReplaceNamespacedAsync(website, space, "home", Token);

        await fixture.Cluster.WaitForAsync<V1Deployment>(
            space, "home", static home => home.Spec.Template.Spec.Containers[0].Image == "site:2" && home.Status.ReadyReplicas == 1, cancellationToken: Token);
    }

    [Fact]
    public async Task A_website_that_goes_says_farewell_and_takes_its_pods_along()
    {
        await using var space = await fixture.Cluster.NewNamespaceAsync(cancellationToken: Token);
        var website = await CreateAsync(space, new WebsiteSpec { Image = "site:1", Replicas = 1 });
        await fixture.Cluster.WaitForAsync(website, static up => up.Status?.Phase == "Up", cancellationToken: Token);

        await fixture.Websites.DeleteNamespacedAsync<Website>(space, "home", Token);

        await fixture.Cluster.WaitForDeletionAsync<Website>(space, "home", cancellationToken: Token);
        await fixture.Cluster.WaitForDeletionAsync<V1Deployment>(space, "home", cancellationToken: Token); // the real garbage collector's work
        Assert.Equal("goodbye", (await fixture.Cluster.Client.CoreV1.ReadNamespacedConfigMapAsync("home-farewell", space, cancellationToken: Token)).Data["said"]);
    }

    [Fact]
    public async Task Conflicts_and_broken_watches_do_not_stop_the_operator()
    {
        await using var space = await fixture.Cluster.NewNamespaceAsync(cancellationToken: Token);
        using var conflicts = fixture.Cluster.Faults.Conflict(request => request.Namespace == space && request.Resource == "websites" && request.Verb == "update", times: 3);
        using var breaks = fixture.Cluster.Faults.DropWatch(static request => request.User.EndsWith(":operator", StringComparison.Ordinal), times: 2);
        await CreateAsync(space, new WebsiteSpec { Image = "site:1", Replicas = 2 });

        var up = await fixture.Cluster.WaitForAsync<Website>(space, "home", static website => website.Status?.Phase == "Up", cancellationToken: Token);

        Assert.Equal((2, 3, 2), (up.Status!.ReadyReplicas, conflicts.Hits, breaks.Hits));
    }

    [Fact]
    public async Task A_website_whose_image_is_broken_never_comes_up()
    {
        await using var space = await fixture.Cluster.NewNamespaceAsync(cancellationToken: Token);
        var website = await CreateAsync(space, new WebsiteSpec { Image = "broken", Replicas = 1 });

        await fixture.Cluster.WaitForAsync(website, static starting => starting.Status?.Phase == "Starting", cancellationToken: Token);

        // What such a failure looks like: the object, its events, who wrote its fields, and the last requests.
        var failure = await Assert.ThrowsAsync<WaitTimeoutException>(() =>
            fixture.Cluster.WaitForAsync(website, static up => up.Status?.Phase == "Up", TimeSpan.FromMilliseconds(300), Token));
        Assert.Contains("phase: Starting", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData("site:1", 101)]
    public async Task A_website_that_makes_no_sense_is_refused(string? image, int replicas)
    {
        await using var space = await fixture.Cluster.NewNamespaceAsync(cancellationToken: Token);
        await Assert.ThrowsAnyAsync<Exception>(() => CreateAsync(space, new WebsiteSpec { Image = image, Replicas = replicas }));
    }

    private Task<Website> CreateAsync(string space, WebsiteSpec spec) =>
        fixture.Websites.CreateNamespacedAsync(new Website { Metadata = new V1ObjectMeta { Name = "home" }, Spec = spec }, space, Token);
}
