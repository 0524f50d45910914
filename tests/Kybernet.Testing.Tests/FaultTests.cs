using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Testing.Tests;

public sealed class FaultTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_conflicts_as_often_as_the_test_says()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        using var fault = cluster.Faults.Conflict(static request => request.Resource == "configmaps", times: 2);
        for (var i = 0; i < 2; i++)
        {
            var refused = await Assert.ThrowsAsync<HttpOperationException>(() => CreateAsync(cluster, "item"));
            Assert.Equal(HttpStatusCode.Conflict, refused.Response.StatusCode);
        }

        await CreateAsync(cluster, "item");

        Assert.Equal(2, fault.Hits);
        await cluster.Client.CoreV1.ListNamespacedConfigMapAsync("default", cancellationToken: Token); // reads are spared
    }

    [Fact]
    public async Task A_failure_lasts_until_it_is_disposed_of_and_spares_others()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        using (cluster.Faults.Fail(static request => request is { User: "jane", Verb: "list" }, 500, "InternalError", "the disk is on fire"))
        {
            var refused = await Assert.ThrowsAsync<HttpOperationException>(() =>
                cluster.ClientAs("jane", "system:masters").CoreV1.ListNamespaceAsync(cancellationToken: Token));
            Assert.Contains("the disk is on fire", refused.Response.Content, StringComparison.Ordinal);
            await cluster.Client.CoreV1.ListNamespaceAsync(cancellationToken: Token);
        }
        await cluster.ClientAs("jane", "system:masters").CoreV1.ListNamespaceAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task A_connection_breaks_before_anything_happens()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        cluster.Faults.Disconnect(static request => request.Verb == "create", times: 1);
        await Assert.ThrowsAsync<HttpRequestException>(() => CreateAsync(cluster, "item"));
        await CreateAsync(cluster, "item");
    }

    [Fact]
    public async Task A_slow_request_is_slow_by_the_clusters_clock()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Clock = clock, Controllers = TestControllers.None }, Token);
        cluster.Faults.Delay(static request => request.Verb == "create", TimeSpan.FromHours(1));
        var creating = CreateAsync(cluster, "item");
        await cluster.Client.CoreV1.ListNamespaceAsync(cancellationToken: Token);
        Assert.False(creating.IsCompleted);

        // The request may not have got to where it waits, and would then wait from there on.
        while (!creating.IsCompleted)
        {
            clock.Advance(TimeSpan.FromHours(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }
        await creating;
    }

    [Fact]
    public async Task A_watch_that_expired_has_to_begin_anew()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        cluster.Faults.Expire(static request => request.Resource == "configmaps");
        await using var watch = new Watch(cluster);
        var failed = await Assert.ThrowsAsync<HttpOperationException>(() => watch.Running.WaitAsync(Deadline, Token));
        Assert.Equal(HttpStatusCode.Gone, failed.Response.StatusCode);
    }

    [Fact]
    public async Task A_watch_breaks_in_place_of_an_event()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        await using var watch = new Watch(cluster);
        await CreateAsync(cluster, "first");
        await watch.SeesAsync("Added first");
        cluster.Faults.DropWatch(static request => request.Resource == "configmaps");

        await CreateAsync(cluster, "second");

        await watch.Running.WaitAsync(Deadline, Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.True(watch.Running.IsCompleted);
        Assert.DoesNotContain("Added second", watch.Events);
    }

    [Fact]
    public async Task Events_come_twice()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        await using var watch = new Watch(cluster);
        cluster.Faults.DuplicateEvents(static request => request.Resource == "configmaps");

        await CreateAsync(cluster, "first");
        await CreateAsync(cluster, "second");

        await watch.SeesAsync("Added second");
        Assert.Equal(2, watch.Events.Count(static seen => seen == "Added first"));
    }

    [Fact]
    public async Task Events_are_held_back_until_the_test_lets_them_go()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        await using var watch = new Watch(cluster);
        var held = cluster.Faults.HoldEvents(static request => request.Resource == "configmaps");
        await CreateAsync(cluster, "late");
        await using var other = new Watch(cluster.Client.CoreV1.WatchListNamespacedSecretAsync("default", cancellationToken: Token));
        await cluster.Client.CoreV1.CreateNamespacedSecretAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "prompt" } }, "default", cancellationToken: Token);
        await other.SeesAsync("Added prompt");
        Assert.DoesNotContain("Added late", watch.Events);

        held.Dispose();

        await watch.SeesAsync("Added late");
    }

    private static Task<V1ConfigMap> CreateAsync(TestCluster cluster, string name) =>
        cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap(name, ""), "default", cancellationToken: Token);
}
