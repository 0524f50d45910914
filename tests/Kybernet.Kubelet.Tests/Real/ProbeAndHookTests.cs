namespace Kybernet.Kubelet.Tests.Real;

/// <summary>Probes and hooks of containers that really run.</summary>
[Collection("real pods")]
public sealed class ProbeAndHookTests(RuntimeFixture fixture)
{
    [Fact]
    [Trait("Conformance", "pod-liveness-probe-using-local-file-restart")]
    public async Task A_container_that_fails_its_liveness_probe_is_restarted()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        await rig.CreateAsync("live", """
            { "terminationGracePeriodSeconds": 0, "containers": [ { "name": "c", "command": ["sh", "-c", "touch /tmp/ok; sleep 2; rm /tmp/ok; sleep 1000"],
              "livenessProbe": { "exec": { "command": ["cat", "/tmp/ok"] }, "periodSeconds": 1, "failureThreshold": 2 } } ] }
            """, cancellationToken);

        var pod = await rig.WaitAsync("live", "a restart", static pod => pod.Status.ContainerStatuses is [{ RestartCount: 1, State.Running: not null }], cancellationToken);
        Assert.Equal(137, pod.Status.ContainerStatuses[0].LastState!.Terminated!.ExitCode);
        var events = await rig.EventsAsync(cancellationToken);
        Assert.Contains("Unhealthy: Liveness probe failed: cat: can't open '/tmp/ok': No such file or directory\n", events);
        Assert.Contains("Killing: Container c failed liveness probe, will be restarted", events);
    }

    [Fact]
    [Trait("Conformance", "pod-readiness-probe-with-initial-delay")]
    public async Task A_pod_is_ready_when_its_probes_say_so()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        await rig.CreateAsync("ready", """
            { "containers": [
              { "name": "http", "command": ["sh", "-c", "sleep 1; exec httpd -f -p 8080 -h /www"], "ports": [ { "name": "web", "containerPort": 8080 } ],
                "startupProbe": { "tcpSocket": { "port": "web" }, "periodSeconds": 1 },
                "readinessProbe": { "httpGet": { "path": "/index.html", "port": 8080 }, "periodSeconds": 1 } },
              { "name": "never", "command": ["sleep", "1000"], "readinessProbe": { "httpGet": { "path": "/none", "port": "8080" }, "periodSeconds": 1 } } ] }
            """, cancellationToken);

        var pod = await rig.WaitAsync(
            "ready", "one ready container", static pod => pod.Status.ContainerStatuses is [{ Ready: true, Started: true }, { Ready: false, Started: true }], cancellationToken);
        var ready = pod.Status.Conditions.Single(static condition => condition.Type == "Ready");
        Assert.Equal(("False", "ContainersNotReady", "containers with unready status: [never]"), (ready.Status, ready.Reason, ready.Message));
        await rig.WaitAsync("ready", "an event", _ => rig.EventsAsync(cancellationToken).Result.Contains("Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404"), cancellationToken);
    }

    [Fact]
    public async Task Hooks_run_after_the_start_and_before_the_end()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        var folder = Directory.CreateDirectory(Path.Combine(fixture.Root, "hooks")).FullName;
        await rig.CreateAsync("hooks", $$"""
            { "terminationGracePeriodSeconds": 10, "volumes": [ { "name": "v", "hostPath": { "path": "{{folder}}", "type": "Directory" } } ],
              "containers": [ { "name": "c", "command": ["sh", "-c", "trap 'echo term >> /v/log; exit 0' TERM; while true; do sleep 0.1; done"], "volumeMounts": [ { "name": "v", "mountPath": "/v" } ],
                "lifecycle": { "postStart": { "exec": { "command": ["sh", "-c", "echo start >> /v/log"] } }, "preStop": { "exec": { "command": ["sh", "-c", "echo stop >> /v/log"] } } } } ] }
            """, cancellationToken);
        await rig.WaitReadyAsync("hooks", cancellationToken);
        await rig.DeleteAsync("hooks", cancellationToken);

        Assert.Equal("start\nstop\nterm\n", await File.ReadAllTextAsync(Path.Combine(folder, "log"), cancellationToken));
    }
}
