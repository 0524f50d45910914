using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>What follows from the answers that containers give to probes.</summary>
public sealed class ProbeTests(ClusterFixture cluster)
{
    private const string EverySecond = "periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 5";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("httpGet: {path: /healthz, port: http, httpHeaders: [{name: X-Probe, value: alive}]}")]
    [InlineData("exec: {command: [cat, /etc/hosts]}")]
    [InlineData("tcpSocket: {port: http}")]
    [Trait("Conformance", "pod-liveness-probe-using-http-endpoint-failure")]
    [Trait("Conformance", "pod-liveness-probe-using-local-file-no-restart")]
    [Trait("Conformance", "pod-liveness-probe-using-tcp-socket-no-restart")]
    public async Task A_container_that_is_alive_is_never_restarted(string probe)
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var pod = await space.PodRunsAsync(PodYaml.Web($"livenessProbe: {{{probe}, {EverySecond}}}"));

        // Five times the threshold: one answer taken for a failure would have restarted it by then.
        var until = pod.Status.ContainerStatuses[0].State!.Running!.StartedAt + TimeSpan.FromSeconds(6);
        pod = await space.WaitForAsync<Pod>("pod", _ => TimeProvider.System.GetUtcNow() > until, "probed for a while");

        Assert.Equal(0, pod.Status.ContainerStatuses[0].RestartCount);
        Assert.DoesNotContain(await space.ListEventsAsync("pod"), static one => one.Reason == "Unhealthy");
    }

    [Theory]
    [InlineData("httpGet: {path: /missing, port: 8080}", "Liveness probe failed: HTTP probe failed with statuscode: 404")]
    [InlineData("exec: {command: [cat, /tmp/health]}", "Liveness probe failed: cat: can't open '/tmp/health': No such file or directory")]
    [InlineData("tcpSocket: {port: 8081}", "connect: connection refused")]
    [InlineData("grpc: {port: 2333}", "Liveness probe failed: ")]
    [Trait("Conformance", "pod-liveness-probe-using-grpc-call-failure")]
    [Trait("Conformance", "pod-liveness-probe-using-http-endpoint-restart")]
    [Trait("Conformance", "pod-liveness-probe-using-local-file-restart")]
    public async Task A_container_that_is_not_alive_is_restarted(string probe, string message)
    {
        await using var space = await cluster.NamespaceAsync(Token);

        await space.ApplyAsync<Pod>(PodYaml.Web($"livenessProbe: {{{probe}, terminationGracePeriodSeconds: 1, {EverySecond}}}"));

        await space.WaitForAsync<Pod>("pod", static pod => pod.Status.ContainerStatuses is [{ RestartCount: > 0 }], "restarted");
        Assert.Contains(message, (await space.WaitForEventAsync("pod", "Unhealthy")).Message, StringComparison.Ordinal);
        Assert.Contains(await space.ListEventsAsync("pod"), static one => one is { Reason: "Killing", Message: "Container main failed liveness probe, will be restarted" });
    }

    [Fact]
    [Trait("Conformance", "pod-liveness-probe-using-grpc-call-success")]
    [Trait("Conformance", "containers-with-arguments")]
    public async Task A_server_that_says_by_gRPC_that_it_serves_is_left_alone_and_gets_other_arguments_than_its_image_has()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await HealthImage.ImportAsync(cluster.Program, Token);
        var probe = $"grpc: {{port: {HealthImage.Port}}}, {EverySecond}";

        await space.ApplyAsync<Pod>(PodYaml.Web($"livenessProbe: {{{probe}, initialDelaySeconds: 2}}\nreadinessProbe: {{{probe}}}")
            .Replace(PodYaml.Image, HealthImage.Name, StringComparison.Ordinal));
        var version = await space.PodSucceedsAsync($"""
            apiVersion: v1
            kind: Pod
            metadata: {"{"}name: version{"}"}
            spec: {"{"}restartPolicy: Never, containers: [{"{"}name: main, image: "{HealthImage.Name}", args: ["-v"]{"}"}]{"}"}
            """);

        Assert.StartsWith("nginx version: ", version, StringComparison.Ordinal);
        var pod = await space.WaitForAsync<Pod>("pod", static pod => pod.Status.ContainerStatuses is [{ Ready: true }], "found ready by gRPC");
        var until = pod.Status.ContainerStatuses[0].State!.Running!.StartedAt + TimeSpan.FromSeconds(6);
        pod = await space.WaitForAsync<Pod>("pod", _ => TimeProvider.System.GetUtcNow() > until, "probed for a while");
        Assert.Equal(0, pod.Status.ContainerStatuses[0].RestartCount);
    }

    [Fact]
    [Trait("Conformance", "pod-liveness-probe-using-http-endpoint-multiple-restarts-slow")]
    public async Task Restarts_are_counted_one_by_one()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.ApplyAsync<Pod>(PodYaml.Web($"livenessProbe: {{httpGet: {{path: /missing, port: 8080}}, terminationGracePeriodSeconds: 1, {EverySecond}}}"));

        var counts = new List<int>();
        await space.WaitForAsync<Pod>(
            "pod",
            pod =>
            {
                counts.Add(pod.Status.ContainerStatuses is [{ } status] ? status.RestartCount : 0);
                return counts[^1] >= 3;
            },
            "restarted three times");

        Assert.Equal(counts.Order(), counts);
    }

    [Fact]
    [Trait("Conformance", "pod-readiness-probe-failure")]
    public async Task A_container_that_is_never_ready_goes_on()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.ApplyAsync<Pod>(PodYaml.Web($"readinessProbe: {{exec: {{command: [/bin/false]}}, {EverySecond}}}"));

        await space.WaitForAsync<Event>(
            (await space.WaitForEventAsync("pod", "Unhealthy")).Metadata.Name!, static one => one is { Count: >= 3 }, "found unready three times");

        var pod = await space.GetAsync<Pod>("pod");
        Assert.Equal(("Running", false, 0), (pod.Status.Phase, pod.Status.ContainerStatuses[0].Ready, pod.Status.ContainerStatuses[0].RestartCount));
    }

    [Fact]
    [Trait("Conformance", "pod-readiness-probe-with-initial-delay")]
    public async Task A_pod_is_ready_only_after_the_initial_delay()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var pod = await space.PodRunsAsync(PodYaml.Web("readinessProbe: {httpGet: {path: /healthz, port: 8080}, initialDelaySeconds: 4, periodSeconds: 1}"));

        var ready = pod.Status.Conditions.Single(static condition => condition.Type == "Ready").LastTransitionTime!.Value;
        Assert.True(ready - pod.Status.ContainerStatuses[0].State!.Running!.StartedAt >= TimeSpan.FromSeconds(3), "ready too soon");
        Assert.Equal(0, pod.Status.ContainerStatuses[0].RestartCount);
    }
}
