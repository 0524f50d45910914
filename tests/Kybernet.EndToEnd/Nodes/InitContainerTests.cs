using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>What runs before, and as a sidecar beside, a pod's own containers.</summary>
public sealed class InitContainerTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Init(string policy, string first, string app) => $$$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: pod}
        spec:
          restartPolicy: {{{policy}}}
          terminationGracePeriodSeconds: 5
          volumes: [{name: data, emptyDir: {}}]
          initContainers:
          - {name: first, image: {{{PodYaml.Image}}}, command: [sh, -c, {{{PodYaml.Quoted(first)}}}], volumeMounts: [{name: data, mountPath: /data}]}
          - {name: second, image: {{{PodYaml.Image}}}, command: [sh, -c, 'echo second >> /data/order'], volumeMounts: [{name: data, mountPath: /data}]}
          containers:
          - {name: main, image: {{{PodYaml.Image}}}, command: [sh, -c, {{{PodYaml.Quoted(app)}}}], volumeMounts: [{name: data, mountPath: /data}]}
        """;

    [Fact]
    [Trait("Conformance", "init-container-starts-app-restartnever-pod")]
    public async Task Init_containers_end_in_order_before_a_pod_that_runs_once()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        Assert.Equal("first\nsecond\n", await space.PodSucceedsAsync(Init("Never", "echo first > /data/order", "cat /data/order")));

        var pod = await space.GetAsync<Pod>("pod");
        Assert.All(pod.Status.InitContainerStatuses, static status => Assert.True(status is { Ready: true, State.Terminated.ExitCode: 0 }));
        Assert.Contains(pod.Status.Conditions, static condition => condition is { Type: "Initialized", Status: "True" });
    }

    [Fact]
    [Trait("Conformance", "init-container-starts-app-restartalways-pod")]
    public async Task Init_containers_end_in_order_before_a_pod_that_goes_on()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var pod = await space.PodRunsAsync(Init("Always", "echo first > /data/order", "cat /data/order; sleep 600"));

        Assert.Equal("first\nsecond\n", await space.LogsAsync("pod", "main"));
        Assert.All(pod.Status.InitContainerStatuses, static status => Assert.True(status is { Ready: true, State.Terminated.ExitCode: 0 }));
    }

    [Fact]
    [Trait("Conformance", "init-container-fails-stops-app-restartnever-pod")]
    public async Task A_failed_init_container_fails_a_pod_that_runs_once()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var pod = await space.PodEndsAsync(Init("Never", "exit 1", "true"));

        Assert.Equal("Failed", pod.Status.Phase);
        Assert.Equal(1, pod.Status.InitContainerStatuses[0].State!.Terminated!.ExitCode);
        Assert.Equal("PodInitializing", pod.Status.ContainerStatuses[0].State!.Waiting?.Reason);
        Assert.Contains(pod.Status.Conditions, static condition =>
            condition is { Type: "Initialized", Status: "False", Reason: "ContainersNotInitialized", Message: "containers with incomplete status: [first second]" });
    }

    [Fact]
    [Trait("Conformance", "init-container-fails-stops-app-restartalways-pod")]
    public async Task A_failed_init_container_is_tried_again_while_the_pod_waits()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.ApplyAsync<Pod>(Init("Always", "exit 1", "true"));

        var pod = await space.WaitForAsync<Pod>("pod", static pod => pod.Status.InitContainerStatuses is [{ RestartCount: >= 2 }, ..], "restarted twice");

        Assert.Equal("Pending", pod.Status.Phase);
        Assert.Equal("PodInitializing", pod.Status.ContainerStatuses[0].State!.Waiting!.Reason);
    }

    [Fact]
    public async Task A_sidecar_is_started_before_probed_and_stopped_after_the_pods_own_containers()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        await space.ApplyAsync<Pod>($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: pod}
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 10
              volumes: [{name: data, emptyDir: {}}]
              initContainers:
              - name: sidecar
                image: {{{PodYaml.Image}}}
                restartPolicy: Always
                command: [sh, -c, 'trap "cat /data/order; exit 0" TERM; sleep 1; touch /data/up; while :; do sleep 0.1; done']
                startupProbe: {exec: {command: [test, -e, /data/up]}, periodSeconds: 1, failureThreshold: 30}
                volumeMounts: [{name: data, mountPath: /data}]
              containers:
              - name: main
                image: {{{PodYaml.Image}}}
                command: [sh, -c, 'test -e /data/up && echo started > /data/order; sleep 1; echo ended >> /data/order']
                volumeMounts: [{name: data, mountPath: /data}]
            """);
        var pod = await space.WaitForAsync<Pod>("pod", static pod => pod.Status.Phase is "Succeeded" or "Failed", "over");

        Assert.Equal("Succeeded", pod.Status.Phase);
        Assert.Equal(0, pod.Status.InitContainerStatuses[0].State!.Terminated!.ExitCode);
        Assert.Equal("started\nended\n", await space.LogsAsync("pod", "sidecar"));
    }
}
