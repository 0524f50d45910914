using System.Text;
using Kybernet.Kubelet.Volumes;

namespace Kybernet.Kubelet.Tests.Volumes;

public sealed class AtomicWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kybernet-volume-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_come_change_and_go_all_at_once()
    {
        Assert.True(Write(("a", "1"), ("dir/b", "2")));
        var first = new DirectoryInfo(Path.Combine(_folder, "..data")).LinkTarget;
        Assert.False(Write(("a", "1"), ("dir/b", "2")));
        Assert.Equal(first, new DirectoryInfo(Path.Combine(_folder, "..data")).LinkTarget);

        Assert.True(Write(("a", "3"), ("c", "4")));
        Assert.Equal("3", File.ReadAllText(Path.Combine(_folder, "a")));
        Assert.Equal(["..data", "a", "c"], Names().Where(static name => !name.StartsWith("..2", StringComparison.Ordinal)));
        Assert.Single(Names(), static name => name.StartsWith("..2", StringComparison.Ordinal));
        Assert.Equal("..data/a", new FileInfo(Path.Combine(_folder, "a")).LinkTarget);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/x")]
    [InlineData("a/../../x")]
    [InlineData("..data")]
    [InlineData("")]
    public void A_path_out_of_the_volume_is_refused(string path) => Assert.Throws<VolumeException>(() => Write((path, "x")));

    private string[] Names() => [.. new DirectoryInfo(_folder).EnumerateFileSystemInfos().Select(static entry => entry.Name).Order(StringComparer.Ordinal)];

    private bool Write(params (string Path, string Content)[] files) => AtomicWriter.Write(
        _folder, files.ToDictionary(static file => file.Path, static file => new PayloadFile(Encoding.UTF8.GetBytes(file.Content), 0b110_100_100)), null, TimeProvider.System.GetUtcNow());
}
