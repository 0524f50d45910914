using Kybernet.Api.Apps.V1;
using Kybernet.Api.Autoscaling.V2;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>What nodes and pods use, as stock kubectl shows it and as the autoscaler acts on it.</summary>
public sealed class ResourceMetricsTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Top_shows_what_nodes_pods_and_containers_use()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodRunsAsync(PodYaml.Web());

        await ShowsAsync(space, @"(?m)^\S+\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%\s*$", "top", "node");
        await ShowsAsync(space, @"(?m)^pod\s+main\s+\d+m\s+\d+Mi\s*$", "top", "pod", "--containers");
        await ShowsAsync(space, @"(?m)^pod\s+\d+m\s+\d+Mi\s*$", "top", "pod", "-l", "app=pod");
    }

    [Fact]
    public async Task A_deployment_is_scaled_by_what_its_pods_use()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        await space.ApplyAsync($$$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: busy}
            spec:
              selector: {matchLabels: {app: busy}}
              template:
                metadata: {labels: {app: busy}}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: main
                    image: {{{PodYaml.Image}}}
                    command: [sh, -c, "while true; do true; done"]
                    resources: {requests: {cpu: 10m}, limits: {cpu: 50m}}
            ---
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: busy}
            spec:
              scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: busy}
              minReplicas: 1
              maxReplicas: 2
              metrics:
              - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50} } }
            """);

        await space.WaitForAsync<HorizontalPodAutoscaler>(
            "busy", static scaler => scaler.Status.CurrentMetrics is [{ Resource.Current.AverageUtilization: > 50 }], "measured");
        await space.WaitForAsync<Deployment>("busy", static deployment => deployment.Status.ReadyReplicas == 2, "two replicas");
        Assert.Contains("New size: 2", (await space.WaitForEventAsync("busy", "SuccessfulRescale")).Message, StringComparison.Ordinal);
    }

    private static Task ShowsAsync(TestNamespace space, string expected, params string[] command) => Eventually.BecomesAsync(
        () => space.Kubectl.TryAsync(Token, command), result => System.Text.RegularExpressions.Regex.IsMatch(result.Output, expected), Token);
}
