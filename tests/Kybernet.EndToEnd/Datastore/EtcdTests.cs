using Kybernet.EndToEnd.Fixture;
using Kybernet.EtcdHarness;

namespace Kybernet.EndToEnd.Datastore;

/// <summary>A whole control plane whose objects are in etcd.</summary>
public sealed class EtcdTests : IDisposable
{
    private readonly KybernetProgram _program = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _program.Dispose();

    [Fact]
    public async Task A_cluster_on_etcd_has_its_objects_there_and_finds_them_after_a_restart()
    {
        await using var etcd = await EtcdCluster.StartAsync(new EtcdClusterOptions(), Token);
        var kubectl = new Kubectl(Kubectl.Versions[0], _program.Kubeconfig, "default");
        try
        {
            (await _program.UpAsync(
                Token, "--no-node", "--datastore-endpoint", string.Join(',', etcd.Endpoints.Select(endpoint => endpoint.GetLeftPart(UriPartial.Authority))),
                "--datastore-cafile", etcd.Certificates.AuthorityFile,
                "--datastore-certfile", etcd.Certificates.ClientCertificateFile, "--datastore-keyfile", etcd.Certificates.ClientKeyFile)).Succeeded();
            await kubectl.RunAsync(Token, "create", "configmap", "kept", "--from-literal=color=blue");

            var keys = await etcd.EtcdctlAsync(["get", "/registry", "--prefix", "--keys-only"], Token);
            Assert.Contains("/registry/core/configmaps/default/kept", keys, StringComparison.Ordinal);
            Assert.Contains("\"blue\"", await etcd.EtcdctlAsync(["get", "/registry/core/configmaps/default/kept"], Token), StringComparison.Ordinal);

            // What others do to the store, watchers of the API see.
            using var watch = kubectl.Start("get", "configmap", "kept", "--watch", "--output", "name");
            Assert.Equal("configmap/kept", await watch.StandardOutput.ReadLineAsync(Token));
            await etcd.EtcdctlAsync(["del", "/registry/core/configmaps/default/kept"], Token);
            Assert.Equal("configmap/kept", await watch.StandardOutput.ReadLineAsync(Token));
            watch.Kill();

            await kubectl.RunAsync(Token, "create", "configmap", "restarted", "--from-literal=color=green");
            (await _program.DownAsync(Token)).Succeeded();
            // The second start is told nothing: a cluster stays with its datastore.
            (await _program.UpAsync(Token, "--no-node")).Succeeded();
            Assert.Equal("green", await kubectl.ReadAsync(Token, "configmap", "restarted", "{.data.color}"));
            Assert.False(File.Exists(Path.Combine(_program.DataDir, "state/store.db")));
        }
        finally
        {
            await _program.DownAsync(CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("10.0.0.1:2379", "is no endpoint of etcd")]
    [InlineData("etcd", "is no endpoint of etcd")]
    public async Task An_endpoint_that_is_none_is_refused(string endpoint, string cause) =>
        Assert.Contains(cause, (await _program.UpAsync(Token, "--no-node", "--datastore-endpoint", endpoint)).Failed(), StringComparison.Ordinal);

    [Fact]
    public async Task A_datastore_that_is_not_there_is_named()
    {
        var endpoint = $"http://127.0.0.1:{KybernetProgram.FreePort()}";
        var error = (await _program.UpAsync(Token, "--no-node", "--etcd-servers", endpoint)).Failed();
        Assert.Contains("the API server cannot use its store", error, StringComparison.Ordinal);
        Assert.Contains(endpoint["http://".Length..], error, StringComparison.Ordinal);
    }
}
