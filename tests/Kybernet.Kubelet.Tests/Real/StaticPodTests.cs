using Kybernet.Api.Meta.V1;
using Pod = Kybernet.Api.Core.V1.Pod;

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>Pods that run because of a file.</summary>
[Collection("real pods")]
public sealed class StaticPodTests(RuntimeFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_static_pod_lives_as_long_as_its_file_whatever_happens_to_its_mirror()
    {
        var folder = Directory.CreateTempSubdirectory("kybernet-static-");
        await using var rig = await KubeletRig.StartAsync(
            fixture, Token, options => options with { StaticPodDirectory = folder.FullName, StaticPodPeriod = TimeSpan.FromMilliseconds(200) });
        var name = $"web-{rig.Options.NodeName}";
        var file = Path.Combine(folder.FullName, "web.yaml");

        await File.WriteAllTextAsync(file, Manifest("first"), Token);
        var mirror = await rig.WaitReadyAsync(name, Token);
        var instance = mirror.Status.ContainerStatuses[0].ContainerID;
        Assert.Equal("file", mirror.Metadata.Annotations["kubernetes.io/config.source"]);
        Assert.Equal(mirror.Metadata.Annotations["kubernetes.io/config.hash"], mirror.Metadata.Annotations["kubernetes.io/config.mirror"]);
        Assert.Equal(("Node", rig.Options.NodeName, (bool?)true), Assert.Single(mirror.Metadata.OwnerReferences) is var owner ? (owner.Kind, owner.Name, owner.Controller) : default);
        Assert.Contains(mirror.Spec.Tolerations, static toleration => toleration is { Operator: "Exists", Effect: "NoExecute" });

        await rig.Client.DeleteAsync<Pod>("default", name, DeleteOptions.Empty, Token);
        var next = await rig.WaitAsync(name, "a new mirror", pod => pod.Metadata.Uid != mirror.Metadata.Uid && pod.Status.ContainerStatuses.Count > 0, Token);
        Assert.Equal(instance, next.Status.ContainerStatuses[0].ContainerID);

        await rig.StopAsync();
        rig.Start();
        await File.WriteAllTextAsync(file, Manifest("second"), Token);
        var changed = await rig.WaitAsync(
            name, "the changed pod", pod => pod.Spec.Containers[0].Command.Contains("second") && pod.Status.ContainerStatuses is [{ State.Running: not null }], Token);
        Assert.NotEqual(instance, changed.Status.ContainerStatuses[0].ContainerID);

        folder.Delete(recursive: true);
        await rig.WaitGoneAsync(name, Token);
        Assert.DoesNotContain(
            await rig.Runtime.ListSandboxesAsync(null, Token), sandbox => sandbox.Pod.Name == name && sandbox.IsReady);
    }

    [Fact]
    public async Task Static_pods_stay_while_their_folder_cannot_be_read()
    {
        var folder = Directory.CreateTempSubdirectory("kybernet-static-");
        var path = Path.Combine(folder.FullName, "manifests");
        Directory.CreateDirectory(path);
        await File.WriteAllTextAsync(Path.Combine(path, "web.yaml"), Manifest("only"), Token);
        await using var rig = await KubeletRig.StartAsync(
            fixture, Token, options => options with { StaticPodDirectory = path, StaticPodPeriod = TimeSpan.FromMilliseconds(200) });
        var name = $"web-{rig.Options.NodeName}";
        var before = await rig.WaitReadyAsync(name, Token);

        Directory.Move(path, path + ".away");
        File.CreateSymbolicLink(path, path); // leads to itself: there is something, and no way to read it
        await rig.Client.DeleteAsync<Pod>("default", name, DeleteOptions.Empty, Token);
        var after = await rig.WaitAsync(name, "a new mirror", pod => pod.Metadata.Uid != before.Metadata.Uid && pod.Status.ContainerStatuses.Count > 0, Token);
        Assert.Equal(before.Status.ContainerStatuses[0].ContainerID, after.Status.ContainerStatuses[0].ContainerID);

        folder.Delete(recursive: true);
        await rig.WaitGoneAsync(name, Token);
    }

    private static string Manifest(string word) => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
        spec:
          terminationGracePeriodSeconds: 1
          containers:
          - name: c
            image: {{RuntimeFixture.Image}}
            imagePullPolicy: IfNotPresent
            command: [sh, -c, sleep 1000, {{word}}]
        """;
}
