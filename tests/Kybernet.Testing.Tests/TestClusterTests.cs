using System.Diagnostics;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Kybernet.Testing.Nodes;

namespace Kybernet.Testing.Tests;

public sealed class TestClusterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cluster_takes_objects_as_a_real_one_does()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
        var made = await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(
            new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "settings" }, Data = new Dictionary<string, string> { ["a"] = "1" } }, "default", cancellationToken: Token);
        Assert.NotNull(made.Metadata.Uid);
        Assert.Equal("1", (await cluster.Client.CoreV1.ReadNamespacedConfigMapAsync("settings", "default", cancellationToken: Token)).Data["a"]);
        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(
            new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "Not A Name" } }, "default", cancellationToken: Token));
        Assert.Contains("RFC 1123", refused.Response.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Deployment_becomes_ready_pods_on_a_hollow_node()
    {
        await using var cluster = await TestCluster.StartAsync(
            new TestClusterOptions { Controllers = TestControllers.All, Scheduler = true, Nodes = [new HollowNodeOptions("node") { Pods = static _ => new HollowPod { Logs = static name => $"hello from {name}\n" } }] },
            Token);
        await using var space = await cluster.NewNamespaceAsync(cancellationToken: Token);
        await cluster.ApplyYamlAsync(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 3
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: main, image: web}]}
            """,
            space,
            Token);
        var ready = await cluster.WaitForAsync<V1Deployment>(space, "web", static web => web.Status.ReadyReplicas == 3, cancellationToken: Token);
        Assert.Equal(3, ready.Status.AvailableReplicas);
        var pod = (await cluster.Client.CoreV1.ListNamespacedPodAsync(space, cancellationToken: Token)).Items[0];
        using var logs = new StreamReader(await cluster.Client.CoreV1.ReadNamespacedPodLogAsync(pod.Metadata.Name, space, cancellationToken: Token));
        Assert.Equal("hello from main\n", await logs.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task Starting_is_quick()
    {
        for (var i = 0; i < 6; i++)
        {
            var watch = Stopwatch.StartNew();
            await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
            var started = watch.ElapsedMilliseconds;
            await cluster.NewNamespaceAsync(cancellationToken: Token);
            TestContext.Current.SendDiagnosticMessage($"{started} ms, with a namespace {watch.ElapsedMilliseconds} ms");
            Console.WriteLine($"{started} ms, with a namespace {watch.ElapsedMilliseconds} ms");
        }
    }
}
