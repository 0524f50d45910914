using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>How containers end, what they leave, and whether they are started again.</summary>
public sealed class ContainerEndTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("echo -n DONE > /dev/termination-log", "terminationMessagePolicy: FallbackToLogsOnError", "DONE")]
    [InlineData("echo -n DONE", "terminationMessagePolicy: FallbackToLogsOnError", "")]
    [InlineData("echo -n DONE; exit 1", "terminationMessagePolicy: FallbackToLogsOnError", "DONE")]
    [InlineData("echo -n DONE > /dev/custom", "terminationMessagePath: /dev/custom\nsecurityContext: {runAsUser: 1000}", "DONE")]
    [Trait("Conformance", "container-runtime-terminationmessage-from-file-of-succeeding-container")]
    [Trait("Conformance", "container-runtime-terminationmessage-from-log-output-of-succeeding-container")]
    [Trait("Conformance", "container-runtime-terminationmessage-from-container-s-log-output-of-failing-container")]
    [Trait("Conformance", "container-runtime-terminationmessagepath-non-root-user-and-non-default-path")]
    public async Task The_last_words_come_from_the_file_or_of_a_failure_from_the_log(string script, string fields, string message)
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var pod = await space.PodEndsAsync(PodYaml.Script(script, fields));

        Assert.Equal(message, pod.Status.ContainerStatuses[0].State!.Terminated!.Message ?? "");
    }

    [Fact]
    [Trait("Conformance", "kubelet-failed-pod-terminated-reason")]
    [Trait("Conformance", "kubelet-failed-pod-delete")]
    public async Task A_command_that_fails_says_why_and_its_pod_can_be_deleted()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.ApplyAsync<Pod>(PodYaml.Web("command: [/bin/false]"));

        var pod = await space.WaitForAsync<Pod>("pod", static pod => pod.Status.ContainerStatuses is [{ RestartCount: > 0, State.Waiting.Reason: "CrashLoopBackOff" }], "backing off");

        Assert.Equal("Running", pod.Status.Phase);
        Assert.Equal("Error", pod.Status.ContainerStatuses[0].LastState!.Terminated!.Reason);
        Assert.StartsWith("back-off 10s restarting failed container=main pod=pod_", pod.Status.ContainerStatuses[0].State!.Waiting!.Message, StringComparison.Ordinal);
        await space.DeleteAsync<Pod>("pod");
        await space.WaitGoneAsync<Pod>("pod");
    }

    [Theory]
    [InlineData("Always", "Running", true)]
    [InlineData("OnFailure", "Succeeded", false)]
    [InlineData("Never", "Failed", false)]
    [Trait("Conformance", "container-runtime-restart-policy-pod-phases")]
    public async Task The_restart_policy_decides_what_follows_an_end(string policy, string phase, bool isReady)
    {
        await using var space = await cluster.NamespaceAsync(Token);
        // Fails the first time; the second time it stays where it is always restarted, and else ends well.
        var script = $"[ -e /data/ran ] || {{ touch /data/ran; exit 1; }}; {(policy == "Always" ? "sleep 600" : "true")}";
        var yaml = PodYaml.Script(script, "volumeMounts: [{name: data, mountPath: /data}]", "volumes: [{name: data, emptyDir: {}}]");
        await space.ApplyAsync<Pod>(yaml.Replace("restartPolicy: Never", $"restartPolicy: {policy}", StringComparison.Ordinal));

        var restarts = policy == "Never" ? 0 : 1;
        await space.WaitForAsync<Pod>(
            "pod",
            pod => pod.Status.Phase == phase && pod.Status.ContainerStatuses is [{ } status] && status.Ready == isReady && status.RestartCount == restarts,
            $"{phase}, ready: {isReady}, restarted {restarts} times");
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_told_of()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var pod = await space.PodEndsAsync(PodYaml.Command("[/no/such/command]"));

        var ended = pod.Status.ContainerStatuses[0].State!.Terminated!;
        Assert.Equal(("StartError", 128), (ended.Reason, ended.ExitCode));
        Assert.Contains("no such file or directory", ended.Message, StringComparison.Ordinal);
        await space.WaitForEventAsync("pod", "Failed");
    }

    [Fact]
    public async Task What_takes_more_memory_than_its_limit_is_killed()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var pod = await space.PodEndsAsync(PodYaml.Script("x=0123456789abcdef; while :; do x=$x$x; done", "resources: {limits: {memory: 16Mi}}"));

        Assert.Equal(("OOMKilled", 137), (pod.Status.ContainerStatuses[0].State!.Terminated!.Reason, pod.Status.ContainerStatuses[0].State!.Terminated!.ExitCode));
    }

    [Fact]
    public async Task Rules_by_exit_code_restart_a_container_of_a_pod_that_is_never_restarted()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        await space.PodSucceedsAsync(PodYaml.Script("[ -e /data/ran ] || { touch /data/ran; exit 42; }", """
            restartPolicy: Never
            restartPolicyRules:
            - {action: Restart, exitCodes: {operator: In, values: [42]}}
            volumeMounts: [{name: data, mountPath: /data}]
            """, "volumes: [{name: data, emptyDir: {}}]"));

        Assert.Equal(1, (await space.GetAsync<Pod>("pod")).Status.ContainerStatuses[0].RestartCount);
    }

    [Fact]
    [Trait("Conformance", "pods-activedeadlineseconds")]
    public async Task A_deadline_that_is_set_while_a_pod_runs_ends_it()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodRunsAsync(PodYaml.Script("sleep 600"));

        await space.PatchAsync<Pod>("pod", "spec: {activeDeadlineSeconds: 1}");

        var pod = await space.WaitForAsync<Pod>("pod", static pod => pod.Status.Phase == "Failed", "Failed");
        Assert.Equal("DeadlineExceeded", pod.Status.Reason);
        Assert.Equal("Pod was active on the node longer than the specified deadline", pod.Status.Message);
    }
}
