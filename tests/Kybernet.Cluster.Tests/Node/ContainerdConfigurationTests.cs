using Kybernet.Cluster.Node;

namespace Kybernet.Cluster.Tests.Node;

public sealed class ContainerdConfigurationTests
{
    private const string FileSystems = "nodev\tsysfs\nnodev\toverlay\n\text4\n";

    [Theory]
    [InlineData("21 1 254:0 / / rw - ext4 /dev/vda rw\n", "overlayfs")]
    [InlineData("21 1 0:30 / / rw - overlay overlay rw\n", "native")]
    [InlineData("21 1 0:30 / / rw - overlay overlay rw\n22 21 254:0 / /data rw shared:1 - ext4 /dev/vda rw\n", "overlayfs")]
    [InlineData("21 1 254:0 / / rw - ext4 /dev/vda rw\n22 21 0:30 / /dat rw - overlay overlay rw\n", "overlayfs")]
    public void Overlay_is_used_unless_the_folder_is_on_one_already(string mountInfo, string expected) =>
        Assert.Equal(expected, ContainerdConfiguration.ChooseSnapshotter(mountInfo, "/data/containerd", FileSystems));

    [Fact]
    public void A_kernel_without_overlay_gets_the_snapshotter_that_copies() =>
        Assert.Equal("native", ContainerdConfiguration.ChooseSnapshotter("21 1 254:0 / / rw - ext4 /dev/vda rw\n", "/data", "\text4\n"));
}
