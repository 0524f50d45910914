using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>Pods that really run.</summary>
[Collection("real pods")]
public sealed class PodLifecycleTests(RuntimeFixture fixture)
{
    private const string Sleeper = """{ "containers": [ { "name": "c", "command": ["sh", "-c", "echo hello; trap 'exit 0' TERM; while true; do sleep 0.1; done"] } ] }""";

    [Fact]
    [Trait("Conformance", "pods-lifecycle")]
    public async Task A_pod_runs_becomes_ready_and_leaves_nothing_behind()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        await rig.CreateAsync("web", Sleeper, cancellationToken);

        var pod = await rig.WaitReadyAsync("web", cancellationToken);
        Assert.Equal("Running", pod.Status.Phase);
        Assert.Equal("BestEffort", pod.Status.QosClass);
        Assert.Equal("127.0.0.1", pod.Status.HostIP);
        Assert.StartsWith("10.199.", pod.Status.PodIP, StringComparison.Ordinal);
        var status = Assert.Single(pod.Status.ContainerStatuses);
        Assert.StartsWith("containerd://", status.ContainerID, StringComparison.Ordinal);
        Assert.Equal((true, true, 0), (status.Ready, status.Started, status.RestartCount));
        Assert.Equal(RuntimeFixture.Image, status.Image);
        Assert.Equal("hello\n", rig.ReadLog(pod, "c"));
        var events = await rig.EventsAsync(cancellationToken);
        Assert.Contains($"Pulled: Container image \"{RuntimeFixture.Image}\" already present on machine", events);
        Assert.Contains("Started: Started container c", events);

        await rig.DeleteAsync("web", cancellationToken);
        Assert.Contains("Killing: Stopping container c", await rig.EventsAsync(cancellationToken));
        await Client.Tests.Eventually.TrueAsync(() => !Directory.Exists(Path.Combine(rig.Options.PodsDirectory, pod.Metadata.Uid!)), "the pod's folder goes");
        Assert.Empty(await rig.Runtime.ListSandboxesAsync(pod.Metadata.Uid, cancellationToken));
        Assert.Empty(Directory.EnumerateFileSystemEntries(rig.Options.ContainerLogsDirectory));
    }

    [Fact]
    public async Task A_restarted_kubelet_picks_up_the_containers_that_run()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        await rig.CreateAsync("stays", Sleeper, cancellationToken);
        await rig.CreateAsync("goes", Sleeper, cancellationToken);
        var before = await rig.WaitReadyAsync("stays", cancellationToken);
        var gone = await rig.WaitReadyAsync("goes", cancellationToken);

        await rig.StopAsync();
        await rig.Client.DeleteAsync<Pod>("default", "goes", new Api.Meta.V1.DeleteOptions { GracePeriodSeconds = 0 }, cancellationToken);
        rig.Start();

        await WaitNoSandboxAsync(rig, gone.Metadata.Uid!, cancellationToken);
        var after = await rig.WaitReadyAsync("stays", cancellationToken);
        Assert.Equal(before.Status.ContainerStatuses[0].ContainerID, after.Status.ContainerStatuses[0].ContainerID);
        Assert.Equal(0, after.Status.ContainerStatuses[0].RestartCount);
        Assert.Equal(before.Status.StartTime, after.Status.StartTime);
    }

    [Fact]
    [Trait("Conformance", "init-container-starts-app-restartnever-pod")]
    public async Task Init_containers_run_in_order_and_the_pod_succeeds_with_its_containers()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        await rig.CreateAsync("job", """
            { "restartPolicy": "Never", "volumes": [ { "name": "v", "emptyDir": {} } ],
              "initContainers": [
                { "name": "one", "command": ["sh", "-c", "echo one >> /v/f"], "volumeMounts": [ { "name": "v", "mountPath": "/v" } ] },
                { "name": "two", "command": ["sh", "-c", "echo two >> /v/f"], "volumeMounts": [ { "name": "v", "mountPath": "/v" } ] } ],
              "containers": [ { "name": "c", "command": ["sh", "-c", "cat /v/f; printf done > /dev/termination-log"], "volumeMounts": [ { "name": "v", "mountPath": "/v" } ] } ] }
            """, cancellationToken);

        var pod = await rig.WaitAsync("job", "Succeeded", static pod => pod.Status.Phase == "Succeeded", cancellationToken);
        Assert.Equal("one\ntwo\n", rig.ReadLog(pod, "c"));
        var ended = pod.Status.ContainerStatuses[0].State!.Terminated!;
        Assert.Equal((0, "Completed", "done"), (ended.ExitCode, ended.Reason, ended.Message));
        Assert.All(pod.Status.InitContainerStatuses, static status => Assert.True(status.Ready));
        Assert.Equal("PodCompleted", pod.Status.Conditions.Single(static condition => condition.Type == "Ready").Reason);
    }

    [Fact]
    [Trait("Conformance", "container-runtime-restart-policy-pod-phases")]
    public async Task A_container_that_fails_is_restarted_at_once_and_then_backed_off()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        await rig.CreateAsync("crash", """{ "containers": [ { "name": "c", "command": ["sh", "-c", "echo oops; exit 3"], "terminationMessagePolicy": "FallbackToLogsOnError" } ] }""", cancellationToken);

        var pod = await rig.WaitAsync(
            "crash", "CrashLoopBackOff", static pod => pod.Status.ContainerStatuses is [{ State.Waiting.Reason: "CrashLoopBackOff" }], cancellationToken);
        var status = pod.Status.ContainerStatuses[0];
        Assert.Equal(1, status.RestartCount);
        Assert.Equal((3, "Error", "oops\n"), (status.LastState!.Terminated!.ExitCode, status.LastState.Terminated.Reason, status.LastState.Terminated.Message));
        Assert.Equal($"back-off 10s restarting failed container=c pod=crash_default({pod.Metadata.Uid})", status.State!.Waiting!.Message);
        Assert.Equal("Running", pod.Status.Phase);
        Assert.Contains($"BackOff: Back-off restarting failed container c in pod crash_default({pod.Metadata.Uid})", await rig.EventsAsync(cancellationToken));
    }

    [Fact]
    public async Task An_image_that_does_not_exist_is_told_and_backed_off()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        await rig.CreateAsync("noimage", """{ "containers": [ { "name": "c", "image": "127.0.0.1:1/none:1" }, { "name": "d", "image": "UPPER" } ] }""", cancellationToken);

        var pod = await rig.WaitAsync(
            "noimage", "ImagePullBackOff", static pod => pod.Status.ContainerStatuses is [{ State.Waiting.Reason: "ImagePullBackOff" }, _], cancellationToken);
        Assert.Equal("Pending", pod.Status.Phase);
        Assert.StartsWith("Back-off pulling image \"127.0.0.1:1/none:1\": ErrImagePull: ", pod.Status.ContainerStatuses[0].State!.Waiting!.Message, StringComparison.Ordinal);
        Assert.Equal("InvalidImageName", pod.Status.ContainerStatuses[1].State!.Waiting!.Reason);
        var events = await rig.EventsAsync(cancellationToken);
        Assert.Contains("Pulling: Pulling image \"127.0.0.1:1/none:1\"", events);
        Assert.Contains("Failed: Error: ErrImagePull", events);
        Assert.Contains("BackOff: Back-off pulling image \"127.0.0.1:1/none:1\"", events);
    }

    [Fact]
    [Trait("Conformance", "pods-activedeadlineseconds")]
    public async Task A_pod_past_its_deadline_fails()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        await rig.CreateAsync("late", Sleeper.Replace("{ \"containers\"", "{ \"activeDeadlineSeconds\": 2, \"containers\"", StringComparison.Ordinal), cancellationToken);

        var pod = await rig.WaitAsync("late", "Failed", static pod => pod.Status.Phase == "Failed", cancellationToken);
        Assert.Equal("DeadlineExceeded", pod.Status.Reason);
        Assert.Equal("Pod was active on the node longer than the specified deadline", pod.Status.Message);
    }

    private static async Task WaitNoSandboxAsync(KubeletRig rig, string uid, CancellationToken cancellationToken)
    {
        for (var started = TimeProvider.System.GetTimestamp(); (await rig.Runtime.ListSandboxesAsync(uid, cancellationToken)).Count > 0;)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30), "an orphan's sandbox stays");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }
}
