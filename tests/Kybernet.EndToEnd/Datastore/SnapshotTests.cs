using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Datastore;

/// <summary>Backups of a cluster with the embedded store.</summary>
public sealed class SnapshotTests : IDisposable
{
    private readonly KybernetProgram _program = new();
    private readonly KybernetProgram _restored = new();
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"kybernet-{Guid.NewGuid():N}.snapshot");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _program.Dispose();
        _restored.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task A_restored_cluster_has_the_objects_and_keys_that_it_had_when_it_was_copied()
    {
        var kubectl = new Kubectl(Kubectl.Versions[0], _program.Kubeconfig, "default");
        try
        {
            (await _program.UpAsync(Token, "--no-node")).Succeeded();
            await kubectl.RunAsync(Token, "create", "configmap", "kept", "--from-literal=color=blue");
            Assert.Contains("verified", (await _program.RunAsync(Token, "snapshot", "save", _file, "--data-dir", _program.DataDir)).Succeeded(), StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file));
            await kubectl.RunAsync(Token, "create", "configmap", "later");

            (await _program.RunAsync(Token, "snapshot", "restore", _file, "--data-dir", _restored.DataDir)).Succeeded();
            (await _restored.UpAsync(Token, "--no-node")).Succeeded();

            var other = new Kubectl(Kubectl.Versions[0], _restored.Kubeconfig, "default");
            Assert.Equal("blue", await other.ReadAsync(Token, "configmap", "kept", "{.data.color}"));
            (await other.TryAsync(Token, "get", "configmap", "later")).Failed();
            Assert.Equal(
                await File.ReadAllTextAsync(Path.Combine(_program.DataDir, "pki/ca.key"), Token), await File.ReadAllTextAsync(Path.Combine(_restored.DataDir, "pki/ca.key"), Token));
        }
        finally
        {
            await _program.DownAsync(CancellationToken.None);
            await _restored.DownAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_damaged_snapshot_is_found_out_and_leaves_no_cluster()
    {
        try
        {
            (await _program.UpAsync(Token, "--no-node")).Succeeded();
        }
        finally
        {
            (await _program.DownAsync(CancellationToken.None)).Succeeded();
        }
        (await _program.RunAsync(Token, "snapshot", "save", _file, "--data-dir", _program.DataDir)).Succeeded();
        Assert.Contains("already", (await _program.RunAsync(Token, "snapshot", "restore", _file, "--data-dir", _program.DataDir)).Failed(), StringComparison.Ordinal);
        var bytes = await File.ReadAllBytesAsync(_file, Token);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(_file, bytes, Token);

        Assert.Contains("damaged", (await _program.RunAsync(Token, "snapshot", "status", _file)).Failed(), StringComparison.Ordinal);
        Assert.Contains("damaged", (await _program.RunAsync(Token, "snapshot", "restore", _file, "--data-dir", _restored.DataDir)).Failed(), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_restored.DataDir, "cluster.json")));

        await File.WriteAllBytesAsync(_file, bytes[..(bytes.Length / 3)], Token);
        Assert.Contains("no whole snapshot", (await _program.RunAsync(Token, "snapshot", "status", _file)).Failed(), StringComparison.Ordinal);
    }
}
