using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Kybernet.Cluster.Images;

namespace Kybernet.Cluster.Tests.Images;

public sealed class OciImageBuilderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly OciImageBuilder _builder = new(TimeProvider.System);

    public OciImageBuilderTests()
    {
        Directory.CreateDirectory(_folder.In("rootfs/bin"));
        File.WriteAllText(_folder.In("rootfs/bin/app"), "#!/bin/sh\n");
        File.SetUnixFileMode(_folder.In("rootfs/bin/app"), (UnixFileMode)0b111_101_101);
        File.CreateSymbolicLink(_folder.In("rootfs/bin/alias"), "app");
        File.WriteAllText(_folder.In("image.json"), """
            {
              "files": { "/etc/copied": "/etc/hostname" },
              "links": { "/bin/app": ["/usr/bin/app"] },
              "directories": { "/tmp": "1777" },
              "entrypoint": ["/bin/app"], "command": ["--serve"],
              "environment": { "A": "1" }, "user": "1000", "workingDirectory": "/tmp", "ports": ["8080/tcp"]
            }
            """);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_image_is_an_oci_layout_whose_digests_hold()
    {
        var image = await BuildAsync("registry.example/team/app:1.0");
        var files = await ReadTarAsync(image.Archive);

        var index = JsonNode.Parse(files["index.json"])!;
        var descriptor = index["manifests"]![0]!;
        Assert.Equal("registry.example/team/app:1.0", (string?)descriptor["annotations"]!["io.containerd.image.name"]);
        Assert.Equal("1.0", (string?)descriptor["annotations"]!["org.opencontainers.image.ref.name"]);
        Assert.Equal(image.Digest, (string?)descriptor["digest"]);
        var manifest = JsonNode.Parse(BlobOf(files, descriptor))!;
        var config = JsonNode.Parse(BlobOf(files, manifest["config"]!))!;
        using var layer = new GZipStream(new MemoryStream(BlobOf(files, manifest["layers"]![0]!)), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        await layer.CopyToAsync(plain, TestContext.Current.CancellationToken);
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(plain.ToArray())), (string?)config["rootfs"]!["diff_ids"]![0]);
        Assert.Equal("linux", (string?)config["os"]);
        Assert.Equal("""{"User":"1000","WorkingDir":"/tmp","Entrypoint":["/bin/app"],"Cmd":["--serve"],"Env":["A=1"],"ExposedPorts":{"8080/tcp":{}}}""", config["config"]!.ToJsonString());
    }

    [Fact]
    public async Task Files_keep_their_mode_links_stay_links_and_all_belongs_to_root()
    {
        var entries = await ReadLayerAsync(await BuildAsync("app"));

        Assert.Equal(
            ["bin/", "bin/alias", "bin/app", "etc/", "etc/copied", "tmp/", "usr/", "usr/bin/", "usr/bin/app"],
            entries.Select(entry => entry.Name));
        Assert.Equal((UnixFileMode)0b111_101_101, entries.Single(entry => entry.Name == "bin/app").Mode);
        Assert.Equal((UnixFileMode)0b1_111_111_111, entries.Single(entry => entry.Name == "tmp/").Mode);
        Assert.Equal("app", entries.Single(entry => entry.Name == "bin/alias").LinkName);
        Assert.Equal("/bin/app", entries.Single(entry => entry.Name == "usr/bin/app").LinkName);
        Assert.All(entries, entry => Assert.Equal((0, 0), (entry.Uid, entry.Gid)));
    }

    [Fact]
    public async Task The_same_folder_makes_the_same_image()
    {
        var first = await BuildAsync("app");

        Assert.Equal(first.Digest, (await BuildAsync("app")).Digest);
    }

    [Fact]
    public async Task A_folder_that_is_no_image_is_refused_with_a_hint()
    {
        var empty = Directory.CreateDirectory(_folder.In("empty")).FullName;

        var error = await Assert.ThrowsAsync<ClusterException>(() => _builder.BuildAsync(
            empty, ImageReference.Parse("app"), new Dictionary<string, string>(), _folder.In("x.tar"), TestContext.Current.CancellationToken));

        Assert.Contains("rootfs/", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"entrypoint": "sh"}""", "\"entrypoint\" must be a list of strings")]
    [InlineData("""{"entry": []}""", "unknown field \"entry\"")]
    [InlineData("""{"directories": {"/tmp": "999"}}""", "octal")]
    [InlineData("""{""", "image.json")]
    [InlineData("""{"files": {"/x/../y": "/etc/hostname"}}""", "is not a path inside an image")]
    [InlineData("""{"files": {"/x": "/no/such/file"}}""", "/no/such/file")]
    public async Task Settings_that_are_wrong_are_refused_by_name(string settings, string expected)
    {
        await File.WriteAllTextAsync(_folder.In("image.json"), settings, TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<ClusterException>(() => BuildAsync("app"));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("web", "docker.io/library/web:latest")]
    [InlineData("team/web:1.0", "docker.io/team/web:1.0")]
    [InlineData("kybernet.local/web:2.0", "kybernet.local/web:2.0")]
    [InlineData("localhost:5000/a/b", "localhost:5000/a/b:latest")]
    public void A_short_name_means_what_it_means_in_a_pod(string name, string expected) =>
        Assert.Equal(expected, ImageReference.Parse(name).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("Web")]
    [InlineData("web:")]
    [InlineData("web:a b")]
    [InlineData("/web")]
    public void What_is_no_image_name_is_refused(string name) => Assert.Throws<ClusterException>(() => ImageReference.Parse(name));

    private Task<BuiltImage> BuildAsync(string name) => _builder.BuildAsync(
        _folder.Path, ImageReference.Parse(name), new Dictionary<string, string>(), _folder.In("out.tar"), TestContext.Current.CancellationToken);

    private static byte[] BlobOf(Dictionary<string, byte[]> files, JsonNode descriptor)
    {
        var digest = (string)descriptor["digest"]!;
        var content = files["blobs/" + digest.Replace(':', '/')];
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(content)), digest);
        Assert.Equal(content.Length, (int)descriptor["size"]!);
        return content;
    }

    private static async Task<List<TarEntry>> ReadLayerAsync(BuiltImage image)
    {
        var files = await ReadTarAsync(image.Archive);
        var manifest = JsonNode.Parse(BlobOf(files, JsonNode.Parse(files["index.json"])!["manifests"]![0]!))!;
        await using var layer = new GZipStream(new MemoryStream(BlobOf(files, manifest["layers"]![0]!)), CompressionMode.Decompress);
        await using var tar = new TarReader(layer);
        var entries = new List<TarEntry>();
        while (await tar.GetNextEntryAsync(copyData: true, TestContext.Current.CancellationToken) is { } entry)
        {
            entries.Add(entry);
        }
        return entries;
    }

    private static async Task<Dictionary<string, byte[]>> ReadTarAsync(string path)
    {
        var files = new Dictionary<string, byte[]>();
        await using var tar = new TarReader(File.OpenRead(path));
        while (await tar.GetNextEntryAsync(copyData: true, TestContext.Current.CancellationToken) is { } entry)
        {
            using var content = new MemoryStream();
            await entry.DataStream!.CopyToAsync(content, TestContext.Current.CancellationToken);
            files[entry.Name] = content.ToArray();
        }
        return files;
    }
}
