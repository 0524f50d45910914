using Kybernet.Kubelet.Images;

namespace Kybernet.Kubelet.Tests.Images;

public sealed class ImageNameTests
{
    [Theory]
    [InlineData("busybox", "busybox:latest", "docker.io")]
    [InlineData("a/b:1", "a/b:1", "docker.io")]
    [InlineData("localhost:5000/x", "localhost:5000/x:latest", "localhost:5000")]
    [InlineData("r.io/x@sha256:abc", "r.io/x@sha256:abc", "r.io")]
    public void Names_without_a_tag_mean_latest(string name, string expected, string registry)
    {
        Assert.Equal(expected, ImageName.WithDefaultTag(name));
        Assert.Equal(registry, ImageName.RegistryOf(name));
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("")]
    [InlineData("a//b")]
    [InlineData("a:")]
    [InlineData("-a")]
    public void What_is_no_name_is_refused(string name) => Assert.Throws<FormatException>(() => ImageName.WithDefaultTag(name));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(45, "45ms")]
    [InlineData(1200, "1.2s")]
    [InlineData(10_000, "10s")]
    [InlineData(300_000, "5m0s")]
    [InlineData(123_500, "2m3.5s")]
    public void Durations_read_as_go_prints_them(int milliseconds, string expected) =>
        Assert.Equal(expected, GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)));
}
