using Kybernet.Kubelet.Native;

namespace Kybernet.Kubelet.Tests.Native;

public sealed class BeneathFolderTests : IDisposable
{
    private const UnixFileMode Mode = (UnixFileMode)0b111_111_111;

    private readonly string _folder = Directory.CreateTempSubdirectory("kybernet-beneath-").FullName;

    public BeneathFolderTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "real"));
        File.CreateSymbolicLink(Path.Combine(_folder, "in"), "real");
        File.CreateSymbolicLink(Path.Combine(_folder, "out"), "/etc");
        File.CreateSymbolicLink(Path.Combine(_folder, "up"), "../..");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("out")]
    [InlineData("out/passwd")]
    [InlineData("up")]
    [InlineData("up/new")]
    [InlineData("../x")]
    public void What_leads_out_of_the_folder_is_refused(string path) =>
        Assert.Throws<IOException>(() => BeneathFolder.OpenOrCreate(_folder, path, Mode));

    [Theory]
    [InlineData("real", "real")]
    [InlineData("in", "real")]
    [InlineData("new/deep", "new/deep")]
    [InlineData("in/new", "real/new")]
    public void What_stays_inside_is_opened_and_made_where_it_is_missing(string path, string opened)
    {
        using var handle = BeneathFolder.OpenOrCreate(_folder, path, Mode);

        Assert.Equal(Path.Combine(_folder, opened), new FileInfo(BeneathFolder.NameOf(handle)).LinkTarget);
        Assert.True(Directory.Exists(Path.Combine(_folder, opened)));
    }

    [Fact]
    public void A_folder_that_is_made_has_the_mode_that_it_is_to_have()
    {
        BeneathFolder.OpenOrCreate(_folder, "made", Mode).Dispose();

        Assert.Equal(Mode, File.GetUnixFileMode(Path.Combine(_folder, "made")));
    }
}
