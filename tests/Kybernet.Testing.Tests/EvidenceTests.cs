using k8s;
using k8s.Autorest;
using k8s.Models;
using Kybernet.Testing.Waiting;

namespace Kybernet.Testing.Tests;

public sealed class EvidenceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_did_what_to_an_object_is_known_refusals_included()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        var item = await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap("settings", "1"), "default", cancellationToken: Token);
        item.Data["value"] = "2";
        await cluster.ClientAs("jane", "system:masters").CoreV1.ReplaceNamespacedConfigMapAsync(item, "settings", "default", cancellationToken: Token);
        await Assert.ThrowsAsync<HttpOperationException>(() => // its revision is old by now
            cluster.ClientAs("joe", "system:masters").CoreV1.ReplaceNamespacedConfigMapAsync(item, "settings", "default", cancellationToken: Token));
        await cluster.Client.CoreV1.DeleteNamespacedConfigMapAsync("settings", "default", cancellationToken: Token);

        var history = cluster.History(item);

        Assert.Equal(
            ["kubernetes-admin create 201", "jane update 200", "joe update 409", "kubernetes-admin delete 200"],
            history.Select(static request => $"{request.User} {request.Verb} {request.StatusCode}"));
        Assert.Equal(["1", "2"], history.Take(2).Select(static request => request.As<V1ConfigMap>().Data["value"]));
    }

    [Fact]
    public async Task Only_the_newest_requests_are_remembered_and_none_after_they_are_cleared()
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { RememberedRequests = 3, Controllers = TestControllers.None }, Token);
        for (var i = 0; i < 5; i++)
        {
            await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap($"item-{i}", ""), "default", cancellationToken: Token);
        }
        // The server's own requests may be among them.
        Assert.Equal(3, cluster.Requests.Count());
        Assert.DoesNotContain(cluster.Requests, static request => request.Name is "item-0" or "item-1");

        cluster.Requests.Clear();

        Assert.DoesNotContain(cluster.Requests, static request => request.IsWrite);
    }

    [Fact]
    public async Task Waiting_in_vain_shows_what_there_is_instead()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        var item = await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap("settings", "1"), "default", fieldManager: "somebody", cancellationToken: Token);
        await cluster.Client.CoreV1.CreateNamespacedEventAsync(
            new Corev1Event
            {
                Metadata = new V1ObjectMeta { Name = "settings.1" },
                InvolvedObject = new V1ObjectReference { Kind = "ConfigMap", Name = "settings", NamespaceProperty = "default", Uid = item.Uid(), ApiVersion = "v1" },
                Reason = "Wondering",
                Message = "why nobody changes it",
                Type = "Warning",
            },
            "default",
            cancellationToken: Token);

        var failed = await Assert.ThrowsAsync<WaitTimeoutException>(() =>
            cluster.WaitForAsync(item, static settings => settings.Data["value"] == "2", TimeSpan.FromMilliseconds(200), Token));

        foreach (var part in new[] { "settings.Data[\"value\"] == \"2\" of ConfigMap default/settings", "value: \"1\"", "somebody (Update", "Wondering why nobody changes it", "create /api/v1/namespaces/default/configmaps 201" })
        {
            Assert.Contains(part, failed.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Waiting_for_what_is_not_there_says_so()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        var failed = await Assert.ThrowsAsync<WaitTimeoutException>(() =>
            cluster.WaitForAsync<V1ConfigMap>("default", "ghost", static _ => true, TimeSpan.FromMilliseconds(50), Token));
        Assert.Contains("It does not exist.", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_ends_with_the_change()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        var waiting = cluster.WaitForAsync<V1ConfigMap>("default", "settings", static settings => settings.Data["value"] == "2", cancellationToken: Token);
        var item = await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap("settings", "1"), "default", cancellationToken: Token);
        item.Data["value"] = "2";
        await cluster.Client.CoreV1.ReplaceNamespacedConfigMapAsync(item, "settings", "default", cancellationToken: Token);

        Assert.Equal("2", (await waiting).Data["value"]);
    }
}
