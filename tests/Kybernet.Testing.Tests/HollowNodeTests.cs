using k8s;
using k8s.Models;
using Kybernet.Testing.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Testing.Tests;

public sealed class HollowNodeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Deployment_becomes_ready_pods_whose_logs_the_test_wrote()
    {
        await using var cluster = await StartAsync(static _ => new HollowPod { Logs = static name => $"first line\nhello from {name}\n" });
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
            cancellationToken: Token);
        var ready = await cluster.WaitForAsync<V1Deployment>("default", "web", static web => web.Status.ReadyReplicas == 3, cancellationToken: Token);
        Assert.Equal(3, ready.Status.Replicas);

        var pod = (await cluster.Client.CoreV1.ListNamespacedPodAsync("default", cancellationToken: Token)).Items[0];
        Assert.NotNull(pod.Status.PodIP);
        Assert.Equal("first line\nhello from main\n", await LogsAsync(cluster, pod.Name(), null));
        Assert.Equal("hello from main\n", await LogsAsync(cluster, pod.Name(), 1));

        await cluster.Client.AppsV1.DeleteNamespacedDeploymentAsync("web", "default", cancellationToken: Token);
        await cluster.WaitForDeletionAsync<V1Pod>("default", pod.Name(), cancellationToken: Token);
    }

    [Fact]
    public async Task A_Jobs_pods_end_as_the_test_says()
    {
        await using var cluster = await StartAsync(static pod => new HollowPod { EndsAfter = TimeSpan.Zero, ExitCode = pod.Name().StartsWith("bad", StringComparison.Ordinal) ? 1 : 0 });
        foreach (var name in new[] { "good", "bad" })
        {
            await cluster.ApplyYamlAsync(
                $$"""
                apiVersion: batch/v1
                kind: Job
                metadata: {name: {{name}}}
                spec:
                  backoffLimit: 0
                  template:
                    spec: {restartPolicy: Never, containers: [{name: main, image: work}]}
                """,
                cancellationToken: Token);
        }
        await cluster.WaitForAsync<V1Job>("default", "good", static job => Has(job, "Complete"), cancellationToken: Token);
        await cluster.WaitForAsync<V1Job>("default", "bad", static job => Has(job, "Failed"), cancellationToken: Token);
    }

    [Fact]
    public async Task A_pod_takes_its_time_by_the_clusters_clock()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await StartAsync(
            static _ => new HollowPod { StartsAfter = TimeSpan.FromMinutes(1), ReadyAfter = TimeSpan.FromMinutes(10) }, clock, TestControllers.Core);
        await cluster.Client.CoreV1.CreateNamespacedPodAsync(Pod("slow"), "default", cancellationToken: Token);
        await cluster.WaitForAsync<V1Pod>(
            "default", "slow", static pod => pod.Status.ContainerStatuses?[0].State.Waiting?.Reason == "ContainerCreating", cancellationToken: Token);

        clock.Advance(TimeSpan.FromMinutes(1));
        var running = await cluster.WaitForAsync<V1Pod>("default", "slow", static pod => pod.Status.Phase == "Running", cancellationToken: Token);
        Assert.False(running.Status.ContainerStatuses[0].Ready);

        clock.Advance(TimeSpan.FromMinutes(10));
        await cluster.WaitForAsync<V1Pod>("default", "slow", static pod => pod.Status.ContainerStatuses[0].Ready, cancellationToken: Token);
    }

    [Fact]
    public async Task A_pod_is_stuck_or_gets_unready_when_the_test_says()
    {
        var isReady = true;
        await using var cluster = await StartAsync(
            pod => pod.Name() == "stuck" ? new HollowPod { StuckIn = "ImagePullBackOff" } : isReady ? HollowPod.Runs : new HollowPod { ReadyAfter = null }, controllers: TestControllers.Core);
        foreach (var name in new[] { "stuck", "moody" })
        {
            await cluster.Client.CoreV1.CreateNamespacedPodAsync(Pod(name), "default", cancellationToken: Token);
        }
        await cluster.WaitForAsync<V1Pod>(
            "default", "stuck", static pod => pod.Status.ContainerStatuses?[0].State.Waiting?.Reason == "ImagePullBackOff", cancellationToken: Token);
        await cluster.WaitForAsync<V1Pod>("default", "moody", static pod => IsReady(pod), cancellationToken: Token);

        isReady = false;
        cluster.RefreshPods();

        await cluster.WaitForAsync<V1Pod>("default", "moody", static pod => !IsReady(pod), cancellationToken: Token);
    }

    [Fact]
    public async Task A_container_that_ends_starts_again_where_its_pod_says_so()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await StartAsync(static _ => new HollowPod { EndsAfter = TimeSpan.FromMinutes(1), ExitCode = 3 }, clock, TestControllers.Core);
        await cluster.Client.CoreV1.CreateNamespacedPodAsync(Pod("restless"), "default", cancellationToken: Token);
        await cluster.WaitForAsync<V1Pod>("default", "restless", static pod => pod.Status.Phase == "Running", cancellationToken: Token);

        clock.Advance(TimeSpan.FromMinutes(2));

        var pod = await cluster.WaitForAsync<V1Pod>("default", "restless", static pod => pod.Status.ContainerStatuses[0].RestartCount == 2, cancellationToken: Token);
        Assert.Equal(3, pod.Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
        Assert.Equal("Running", pod.Status.Phase);
    }

    [Fact]
    public async Task Two_nodes_of_one_name_are_one_too_many()
    {
        await using var cluster = await StartAsync(static _ => HollowPod.Runs, controllers: TestControllers.Core);
        await Assert.ThrowsAsync<ArgumentException>(() => cluster.AddNodeAsync(new HollowNodeOptions("node"), Token));
    }

    private static Task<TestCluster> StartAsync(Func<V1Pod, HollowPod> pods, TimeProvider? clock = null, IReadOnlyList<string>? controllers = null) => TestCluster.StartAsync(
        new TestClusterOptions
        {
            Controllers = controllers ?? TestControllers.All,
            Scheduler = true,
            Clock = clock ?? TimeProvider.System,
            Nodes = [new HollowNodeOptions("node") { Pods = pods }],
        },
        Token);

    private static V1Pod Pod(string name) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "work" }] },
    };

    private static bool IsReady(V1Pod pod) => pod.Status.Conditions?.Any(static condition => condition is { Type: "Ready", Status: "True" }) == true;

    private static bool Has(V1Job job, string condition) => job.Status.Conditions?.Any(found => found.Type == condition && found.Status == "True") == true;

    private static async Task<string> LogsAsync(TestCluster cluster, string pod, int? tail)
    {
        using var reader = new StreamReader(await cluster.Client.CoreV1.ReadNamespacedPodLogAsync(pod, "default", tailLines: tail, cancellationToken: Token));
        return await reader.ReadToEndAsync(Token);
    }
}
