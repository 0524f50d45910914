using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>What containers see: files, variables, users, limits.</summary>
[Collection("real pods")]
public sealed class ContainerViewTests(RuntimeFixture fixture)
{
    [Fact]
    [Trait("Conformance", "configmap-volume-update")]
    public async Task Volumes_show_objects_and_follow_them()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        var map = await rig.Client.CreateAsync(
            new ConfigMap { Metadata = new ObjectMeta { Name = "map", Namespace = "default" }, Data = new Dictionary<string, string> { ["key"] = "old", ["other"] = "x" } },
            cancellationToken);
        await rig.Client.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = "secret", Namespace = "default" },
                Data = new Dictionary<string, ReadOnlyMemory<byte>> { ["password"] = Encoding.UTF8.GetBytes("s3cret") },
            },
            cancellationToken);
        await rig.CreateAsync("volumes", """
            { "serviceAccountName": "sa",
              "volumes": [
                { "name": "map", "configMap": { "name": "map" } },
                { "name": "secret", "secret": { "secretName": "secret", "defaultMode": 256, "items": [ { "key": "password", "path": "a/b" } ] } },
                { "name": "memory", "emptyDir": { "medium": "Memory", "sizeLimit": "4Mi" } },
                { "name": "optional", "configMap": { "name": "none", "optional": true } },
                { "name": "all", "projected": { "sources": [
                  { "serviceAccountToken": { "path": "token", "expirationSeconds": 3600 } },
                  { "downwardAPI": { "items": [ { "path": "labels", "fieldRef": { "fieldPath": "metadata.labels" } }, { "path": "cpu", "resourceFieldRef": { "containerName": "c", "resource": "limits.cpu", "divisor": "1m" } } ] } } ] } } ],
              "containers": [ { "name": "c", "command": ["sleep", "1000"], "resources": { "limits": { "cpu": "500m", "memory": "64Mi" } },
                "volumeMounts": [ { "name": "map", "mountPath": "/map" }, { "name": "secret", "mountPath": "/secret" }, { "name": "memory", "mountPath": "/memory" },
                  { "name": "optional", "mountPath": "/optional" }, { "name": "all", "mountPath": "/all" }, { "name": "map", "mountPath": "/single", "subPath": "key" } ] } ] }
            """, cancellationToken, """{ "labels": { "app": "x" } }""");
        var pod = await rig.WaitReadyAsync("volumes", cancellationToken);

        Assert.Equal("old", await rig.ExecAsync(pod, cancellationToken, "cat", "/map/key"));
        Assert.Equal("old", await rig.ExecAsync(pod, cancellationToken, "cat", "/single"));
        Assert.Equal("s3cret", await rig.ExecAsync(pod, cancellationToken, "cat", "/secret/a/b"));
        Assert.Equal("400\n", await rig.ExecAsync(pod, cancellationToken, "stat", "-L", "-c", "%a", "/secret/a/b"));
        Assert.Equal("app=\"x\"\n", await rig.ExecAsync(pod, cancellationToken, "cat", "/all/labels"));
        Assert.Equal("500", await rig.ExecAsync(pod, cancellationToken, "cat", "/all/cpu"));
        Assert.Equal("eyJ0ZXN0Ijp0cnVlfQ", await rig.ExecAsync(pod, cancellationToken, "cat", "/all/token"));
        Assert.Contains("tmpfs /memory", await rig.ExecAsync(pod, cancellationToken, "grep", " /memory ", "/proc/mounts"), StringComparison.Ordinal);
        Assert.Contains("tmpfs /secret", await rig.ExecAsync(pod, cancellationToken, "grep", " /secret ", "/proc/mounts"), StringComparison.Ordinal);
        Assert.Equal("", await rig.ExecAsync(pod, cancellationToken, "ls", "/optional"));

        await rig.Client.UpdateAsync(map with { Data = new Dictionary<string, string> { ["key"] = "new" } }, cancellationToken);
        for (var started = TimeProvider.System.GetTimestamp(); await rig.ExecAsync(pod, cancellationToken, "cat", "/map/key") != "new";)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30), "the file does not follow its ConfigMap");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
        Assert.Equal("key\n", await rig.ExecAsync(pod, cancellationToken, "ls", "/map"));
    }

    [Fact]
    [Trait("Conformance", "downwardapi-environment-for-name-namespace-and-ip")]
    public async Task The_environment_comes_from_everywhere_it_should()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        await rig.Client.CreateAsync(
            new Service
            {
                Metadata = new ObjectMeta { Name = "kubernetes", Namespace = "default" },
                Spec = new ServiceSpec { ClusterIP = "10.96.0.1", Ports = [new ServicePort { Name = "https", Port = 443, Protocol = "TCP" }] },
            },
            cancellationToken);
        await rig.Client.CreateAsync(
            new ConfigMap { Metadata = new ObjectMeta { Name = "map", Namespace = "default" }, Data = new Dictionary<string, string> { ["A"] = "1" } }, cancellationToken);
        await rig.CreateAsync("env", """
            { "hostAliases": [ { "ip": "1.2.3.4", "hostnames": ["foo", "bar"] } ],
              "containers": [ { "name": "c", "command": ["sh", "-c", "echo $(X) '$$(X)' $0", "$(X)"], "args": ["$(NONE)"],
                "envFrom": [ { "prefix": "P_", "configMapRef": { "name": "map" } } ],
                "env": [ { "name": "X", "value": "x-$(P_A)" }, { "name": "IP", "valueFrom": { "fieldRef": { "fieldPath": "status.podIP" } } },
                  { "name": "CPU", "valueFrom": { "resourceFieldRef": { "resource": "limits.memory" } } },
                  { "name": "MAP", "valueFrom": { "configMapKeyRef": { "name": "map", "key": "A" } } } ],
                "resources": { "limits": { "memory": "64Mi" } } },
                { "name": "d", "command": ["sh", "-c", "env; cat /etc/hosts /etc/resolv.conf; hostname"] } ] }
            """.Replace("\"containers\"", "\"restartPolicy\": \"Never\", \"containers\"", StringComparison.Ordinal), cancellationToken);

        var pod = await rig.WaitAsync("env", "Succeeded", static pod => pod.Status.Phase == "Succeeded", cancellationToken);
        Assert.Equal("x-1 $(X) x-1\n", rig.ReadLog(pod, "c"));
        var seen = rig.ReadLog(pod, "d");
        Assert.Contains("KUBERNETES_SERVICE_HOST=10.96.0.1\n", seen, StringComparison.Ordinal);
        Assert.Contains("KUBERNETES_PORT_443_TCP=tcp://10.96.0.1:443\n", seen, StringComparison.Ordinal);
        Assert.Contains("# Kubernetes-managed hosts file.\n", seen, StringComparison.Ordinal);
        Assert.Contains("1.2.3.4\tfoo\tbar\n", seen, StringComparison.Ordinal);
        Assert.Contains($"{pod.Status.PodIP}\tenv\n", seen, StringComparison.Ordinal);
        Assert.Contains("nameserver 10.96.0.10\n", seen, StringComparison.Ordinal);
        Assert.Contains("search default.svc.cluster.local svc.cluster.local cluster.local", seen, StringComparison.Ordinal);
        Assert.EndsWith("env\n", seen, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "security-context-runasuser-65534")]
    public async Task Users_rights_and_cgroups_are_as_asked_for()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        await rig.CreateAsync("limits", """
            { "securityContext": { "runAsUser": 65534, "runAsGroup": 1000, "fsGroup": 2000, "runAsNonRoot": true },
              "volumes": [ { "name": "v", "emptyDir": {} } ],
              "containers": [ { "name": "c", "command": ["sleep", "1000"],
                "securityContext": { "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
                "resources": { "requests": { "cpu": "100m", "memory": "32Mi" }, "limits": { "cpu": "500m", "memory": "64Mi" } },
                "volumeMounts": [ { "name": "v", "mountPath": "/v" } ] } ] }
            """, cancellationToken);
        await rig.CreateAsync("root", """
            { "securityContext": { "runAsNonRoot": true }, "containers": [ { "name": "c", "command": ["sleep", "1000"] } ] }
            """, cancellationToken);
        var pod = await rig.WaitReadyAsync("limits", cancellationToken);

        Assert.Equal("uid=65534(nobody) gid=1000 groups=1000,2000\n", await rig.ExecAsync(pod, cancellationToken, "id"));
        Assert.Contains("Read-only file system", await rig.ExecAsync(pod, cancellationToken, "touch", "/x"), StringComparison.Ordinal);
        Assert.Equal("2000\n", await rig.ExecAsync(pod, cancellationToken, "sh", "-c", "touch /v/x && stat -c %g /v/x"));
        Assert.Contains("CapEff:\t0000000000000000", await rig.ExecAsync(pod, cancellationToken, "grep", "CapEff", "/proc/self/status"), StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1", await rig.ExecAsync(pod, cancellationToken, "grep", "NoNewPrivs", "/proc/self/status"), StringComparison.Ordinal);
        Assert.Equal("Burstable", pod.Status.QosClass);
        if (!File.Exists("/sys/fs/cgroup/cgroup.controllers"))
        {
            var path = $"{rig.Options.CgroupRoot}/kubepods/burstable/pod{pod.Metadata.Uid}";
            Assert.Equal("102\n", await File.ReadAllTextAsync($"/sys/fs/cgroup/cpu{path}/cpu.shares", cancellationToken));
            Assert.Equal("50000\n", await File.ReadAllTextAsync($"/sys/fs/cgroup/cpu{path}/cpu.cfs_quota_us", cancellationToken));
            Assert.Equal($"{64 << 20}\n", await File.ReadAllTextAsync($"/sys/fs/cgroup/memory{path}/memory.limit_in_bytes", cancellationToken));
        }

        var refused = await rig.WaitAsync(
            "root", "a config error", static pod => pod.Status.ContainerStatuses is [{ State.Waiting.Reason: "CreateContainerConfigError" }], cancellationToken);
        Assert.Equal(
            $"container has runAsNonRoot and image will run as root (pod: \"root_default({refused.Metadata.Uid})\", container: c)",
            refused.Status.ContainerStatuses[0].State!.Waiting!.Message);
    }
}
