using Kybernet.Kubelet.Volumes;
using Kybernet.Kubelet.Volumes.Images;

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>Volumes that show an image's files.</summary>
[Collection("real pods")]
public sealed class ImageVolumeTests(RuntimeFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_container_sees_an_images_files_or_a_part_of_them_and_cannot_write_to_them()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        await rig.CreateAsync("reader", $$"""
            { "volumes": [ { "name": "files", "image": { "reference": "{{RuntimeFixture.Image}}", "pullPolicy": "IfNotPresent" } } ],
              "containers": [ { "name": "c", "command": ["sleep", "1000"], "volumeMounts": [
                { "name": "files", "mountPath": "/files" }, { "name": "files", "mountPath": "/part", "subPath": "www" } ] } ] }
            """, Token);

        var pod = await rig.WaitReadyAsync("reader", Token);
        Assert.Equal("hello\n", await rig.ExecAsync(pod, Token, "cat", "/files/www/index.html"));
        Assert.Equal("hello\n", await rig.ExecAsync(pod, Token, "cat", "/part/index.html"));
        Assert.Contains("Read-only file system", await rig.ExecAsync(pod, Token, "touch", "/files/new"), StringComparison.Ordinal);
        Assert.Contains($"Pulled: Container image \"{RuntimeFixture.Image}\" already present on machine", await rig.EventsAsync(Token));

        await rig.DeleteAsync("reader", Token);
        var folder = Path.Combine(rig.Options.PodsDirectory, pod.Metadata.Uid!);
        await Client.Tests.Eventually.TrueAsync(() => !Directory.Exists(folder), "the pod's folder goes");
        Assert.Empty(MountTable.Inside(folder));
        Assert.DoesNotContain(pod.Metadata.Uid!, await fixture.CtrAsync(["snapshots", "--snapshotter", "native", "list"], Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_waits_where_the_image_of_its_volume_is_not_to_be_had()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        await rig.CreateAsync("waits", """
            { "volumes": [ { "name": "files", "image": { "reference": "kybernet.test/none:1", "pullPolicy": "Never" } } ],
              "containers": [ { "name": "c", "command": ["sleep", "1000"], "volumeMounts": [ { "name": "files", "mountPath": "/files" } ] } ] }
            """, Token);

        var pod = await rig.WaitAsync("waits", "ErrImageNeverPull", static pod => pod.Status.ContainerStatuses is [{ State.Waiting.Reason: "ErrImageNeverPull" }], Token);
        Assert.Equal("Container image \"kybernet.test/none:1\" is not present with pull policy of Never", pod.Status.ContainerStatuses[0].State!.Waiting!.Message);
    }

    [Theory]
    [InlineData("1.6.20~ds1", 1, 6)]
    [InlineData("v2.2.0-rc.1", 2, 2)]
    public void A_runtimes_version_is_read(string text, int major, int minor) =>
        Assert.Equal(new Version(major, minor), ContainerdImageMounts.Parse(text));
}
