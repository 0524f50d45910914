using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Storage.V1;
using Kybernet.Client.Tests;
using Kybernet.Kubelet.Volumes.Csi;
using Kybernet.Kubelet.Volumes.Csi.V1;
using Capability = Kybernet.Kubelet.Volumes.Csi.V1.NodeServiceCapability.Types.RPC.Types.Type;
using Node = Kybernet.Api.Core.V1.Node;

namespace Kybernet.Kubelet.Tests.Real.Plugins;

/// <summary>Volumes of a storage driver.</summary>
[Collection("real pods")]
public sealed class CsiVolumeTests(RuntimeFixture fixture)
{
    private const string Handle = "volume-1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_driver_makes_the_node_known_as_long_as_it_is_there()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        await using (await StartDriverAsync(rig))
        {
            var driver = Assert.Single((await FindNodeObjectAsync(rig))!.Spec.Drivers);
            Assert.Equal((FolderDriver.Name, "machine-1", 7), (driver.Name, driver.NodeID, driver.Allocatable!.Count));
            Assert.Equal(["topology.csi.test/rack"], driver.TopologyKeys);
            var node = await rig.Client.GetAsync<Node>("", rig.Options.NodeName, Token);
            Assert.Equal("""{"folders.csi.test":"machine-1"}""", node.Metadata.Annotations["csi.volume.kubernetes.io/nodeid"]);
            Assert.Equal("r1", node.Metadata.Labels["topology.csi.test/rack"]);
        }
        await Eventually.TrueAsync(async () => (await FindNodeObjectAsync(rig))!.Spec.Drivers.Count == 0, "the CSINode names no driver");
        // The socket is made anew: so is the registration.
        await using (await StartDriverAsync(rig))
        {
            Assert.Single((await FindNodeObjectAsync(rig))!.Spec.Drivers);
        }
    }

    [Fact]
    public async Task Pods_share_a_claims_volume_and_the_last_one_unstages_it_after_a_restart_too()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        var driver = await UseDriverAsync(rig, Capability.StageUnstageVolume);
        await DescribeAsync(rig, """{ "attachRequired": false, "podInfoOnMount": true, "fsGroupPolicy": "File", "tokenRequests": [ { "audience": "vault" } ] }""");
        await MakeClaimAsync(rig);
        await rig.CreateAsync("one", PodOf(), Token);
        var one = await rig.WaitReadyAsync("one", Token);
        await rig.CreateAsync("two", PodOf(), Token);
        var two = await rig.WaitReadyAsync("two", Token);

        await rig.ExecAsync(one, Token, "sh", "-c", "echo shared > /data/file");
        Assert.Equal("shared\n", await rig.ExecAsync(two, Token, "cat", "/data/file"));
        Assert.Equal("2000\n", await rig.ExecAsync(one, Token, "stat", "-c", "%g", "/data"));
        var stage = Assert.Single(driver.Of<NodeStageVolumeRequest>());
        Assert.Equal(("ext4", "swordfish"), (stage.VolumeCapability.Mount.FsType, stage.Secrets["password"]));
        Assert.EndsWith($"/plugins/kubernetes.io/csi/{FolderDriver.Name}/{CsiVolume.Hash(Handle)}/globalmount", stage.StagingTargetPath, StringComparison.Ordinal);
        var publish = driver.Of<NodePublishVolumeRequest>()[0];
        Assert.Equal(("one", "false", "fast"), (
            publish.VolumeContext["csi.storage.k8s.io/pod.name"], publish.VolumeContext["csi.storage.k8s.io/ephemeral"], publish.VolumeContext["tier"]));
        Assert.NotNull(JsonNode.Parse(publish.VolumeContext["csi.storage.k8s.io/serviceAccount.tokens"])!["vault"]!["token"]);
        Assert.Equal(VolumeCapability.Types.AccessMode.Types.Mode.SingleNodeWriter, publish.VolumeCapability.AccessMode.Mode);

        var unique = $"kubernetes.io/csi/{FolderDriver.Name}^{Handle}";
        await Eventually.TrueAsync(async () => (await rig.Client.GetAsync<Node>("", rig.Options.NodeName, Token)).Status.VolumesInUse.Contains(unique), "the node says that it uses the volume");
        await rig.DeleteAsync("one", Token);
        Assert.Single(driver.Of<NodeUnpublishVolumeRequest>());
        Assert.Empty(driver.Of<NodeUnstageVolumeRequest>());
        await rig.StopAsync();
        rig.Start();
        await rig.DeleteAsync("two", Token);
        Assert.Equal(2, driver.Of<NodeUnpublishVolumeRequest>().Length);
        Assert.Equal(stage.StagingTargetPath, Assert.Single(driver.Of<NodeUnstageVolumeRequest>()).StagingTargetPath);
        Assert.True(File.Exists(Path.Combine(driver.FolderOf(Handle), "file")));
        await Eventually.TrueAsync(async () => (await rig.Client.GetAsync<Node>("", rig.Options.NodeName, Token)).Status.VolumesInUse.Count == 0, "the node does not use it any more");
        Assert.False(Directory.Exists(Path.GetDirectoryName(stage.StagingTargetPath)));
    }

    [Fact]
    public async Task A_volume_that_the_pod_describes_lives_with_it_where_the_driver_takes_such()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        var driver = await UseDriverAsync(rig, Capability.StageUnstageVolume);
        const string pod = """
            { "volumes": [ { "name": "data", "csi": { "driver": "folders.csi.test", "readOnly": true, "volumeAttributes": { "size": "1" } } } ],
              "containers": [ { "name": "c", "command": ["sleep", "1000"], "volumeMounts": [ { "name": "data", "mountPath": "/data" } ] } ] }
            """;
        await rig.CreateAsync("early", pod, Token);
        await WaitForEventAsync(
            rig, """FailedMount: MountVolume.SetUp failed for volume "data" : volume mode "Ephemeral" not supported by driver folders.csi.test (no CSIDriver object)""");

        await DescribeAsync(rig, """{ "attachRequired": false, "volumeLifecycleModes": [ "Ephemeral" ] }""");
        var early = await rig.WaitReadyAsync("early", Token);
        Assert.Contains("Read-only file system", await rig.ExecAsync(early, Token, "touch", "/data/new"), StringComparison.Ordinal);
        var publish = Assert.Single(driver.Of<NodePublishVolumeRequest>());
        Assert.Equal(("1", true), (publish.VolumeContext["size"], publish.Readonly));
        Assert.StartsWith("csi-", publish.VolumeId, StringComparison.Ordinal);
        Assert.Empty(driver.Of<NodeStageVolumeRequest>());
        await rig.DeleteAsync("early", Token);
        Assert.Equal(publish.TargetPath, Assert.Single(driver.Of<NodeUnpublishVolumeRequest>()).TargetPath);
    }

    [Fact]
    public async Task A_pod_waits_until_its_volume_is_attached_and_the_driver_learns_how()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        var driver = await UseDriverAsync(rig);
        await MakeClaimAsync(rig);
        await rig.CreateAsync("waits", PodOf(), Token);
        var name = CsiVolume.AttachmentName(Handle, FolderDriver.Name, rig.Options.NodeName);
        await Eventually.TrueAsync(() => rig.Api.Calls.ToArray().Count(call => call.EndsWith(name, StringComparison.Ordinal)) > 1, "the kubelet looks for the attachment");
        Assert.Empty(driver.Of<NodePublishVolumeRequest>());

        await rig.Client.CreateAsync(
            new VolumeAttachment
            {
                Metadata = new() { Name = name },
                Spec = new VolumeAttachmentSpec { Attacher = FolderDriver.Name, NodeName = rig.Options.NodeName, Source = new VolumeAttachmentSource { PersistentVolumeName = "pv" } },
                Status = new VolumeAttachmentStatus { Attached = true, AttachmentMetadata = new Dictionary<string, string> { ["device"] = "/dev/x" } },
            },
            Token);
        await rig.WaitReadyAsync("waits", Token);
        Assert.Equal("/dev/x", Assert.Single(driver.Of<NodePublishVolumeRequest>()).PublishContext["device"]);
    }

    private static string PodOf() => """
        { "volumes": [ { "name": "data", "persistentVolumeClaim": { "claimName": "claim" } } ], "securityContext": { "fsGroup": 2000 },
          "containers": [ { "name": "c", "command": ["sleep", "1000"], "volumeMounts": [ { "name": "data", "mountPath": "/data" } ] } ] }
        """;

    private static async Task<FolderDriver> UseDriverAsync(KubeletRig rig, params Capability[] capabilities)
    {
        var driver = await StartDriverAsync(rig, capabilities);
        rig.Plugins.Add(driver);
        return driver;
    }

    private static async Task<FolderDriver> StartDriverAsync(KubeletRig rig, params Capability[] capabilities)
    {
        var driver = await FolderDriver.StartAsync(rig, Token, capabilities);
        var answer = await driver.Answered.WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Equal((true, ""), (answer.PluginRegistered, answer.Error));
        return driver;
    }

    private static Task<CSINode?> FindNodeObjectAsync(KubeletRig rig) => rig.Client.FindAsync<CSINode>("", rig.Options.NodeName, Token);

    private static Task DescribeAsync(KubeletRig rig, string spec) => rig.Client.CreateAsync(
        new CSIDriver { Metadata = new() { Name = FolderDriver.Name }, Spec = ModelJson.Parse<CSIDriverSpec>(JsonNode.Parse(spec)!) }, Token);

    private static async Task WaitForEventAsync(KubeletRig rig, string text) =>
        await Eventually.TrueAsync(async () => (await rig.EventsAsync(Token)).Contains(text), text);

    private static async Task MakeClaimAsync(KubeletRig rig)
    {
        await rig.Client.CreateAsync(
            new Secret { Metadata = new() { Name = "stage", Namespace = "default" }, Data = new Dictionary<string, ReadOnlyMemory<byte>> { ["password"] = "swordfish"u8.ToArray() } }, Token);
        var claim = await rig.Client.CreateAsync(
            ModelJson.Parse<PersistentVolumeClaim>(JsonNode.Parse("""
                { "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "claim", "namespace": "default" },
                  "spec": { "volumeName": "pv" }, "status": { "phase": "Bound" } }
                """)!),
            Token);
        var volume = JsonNode.Parse($$"""
            { "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": "pv" }, "spec": { "accessModes": [ "ReadWriteOnce" ],
              "csi": { "driver": "{{FolderDriver.Name}}", "volumeHandle": "{{Handle}}", "fsType": "ext4", "volumeAttributes": { "tier": "fast" },
                       "nodeStageSecretRef": { "name": "stage", "namespace": "default" } },
              "claimRef": { "name": "claim", "namespace": "default", "uid": "{{claim.Metadata.Uid}}" } } }
            """)!;
        await rig.Client.CreateAsync(ModelJson.Parse<PersistentVolume>(volume), Token);
    }
}
