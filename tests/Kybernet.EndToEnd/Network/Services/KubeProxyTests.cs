using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network.Services;

/// <summary><c>kybernet kube-proxy</c> alone, beside an API server that has no node, in a network namespace of their own.</summary>
public sealed class KubeProxyTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kybernet-proxy-");
    private NodeNamespaces? _network;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string DataDir => Path.Combine(_folder.FullName, "data");

    public async ValueTask InitializeAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            _network = await NodeNamespaces.CreateAsync(1, Token);
            (await RunAsync(Repository.Program, "up", "--no-node", "--detach", "--data-dir", DataDir, "--service-cidr", "10.96.0.0/16")).Succeeded();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_network is not null)
        {
            (await _network.RunInAsync(1, CancellationToken.None, Repository.Program, "down", "--data-dir", DataDir)).Succeeded();
            await _network.DisposeAsync();
        }
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_leads_to_Services_tells_how_it_is_and_leaves_its_rules_when_it_ends()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "writing rules needs root");
        var config = Path.Combine(_folder.FullName, "proxy.yaml");
        await File.WriteAllTextAsync(
            config,
            $$"""
            apiVersion: kubeproxy.config.k8s.io/v1alpha1
            kind: KubeProxyConfiguration
            clientConnection: {kubeconfig: {{DataDir}}/admin.kubeconfig}
            clusterCIDR: 10.244.0.0/16
            mode: nftables
            """,
            Token);
        using (var proxy = _network!.StartIn(1, Repository.Program, "kube-proxy", "--config", config, "--hostname-override", "node1"))
        {
            try
            {
                await BecomesReachableAsync();
                Assert.Contains("\"nodeEligible\":true", await GetAsync("http://127.0.0.1:10256/healthz"), StringComparison.Ordinal);
                Assert.Equal("nftables", await GetAsync("http://127.0.0.1:10249/proxyMode"));
                Assert.Contains("kubeproxy_sync_proxy_rules_duration_seconds_count", await GetAsync("http://127.0.0.1:10249/metrics"), StringComparison.Ordinal);
                (await RunAsync("nft", "delete", "table", "inet", "kube-proxy")).Succeeded();
                await BecomesReachableAsync();
            }
            finally
            {
                proxy.Kill();
                await proxy.WaitForExitAsync(Token);
            }
        }
        Assert.Equal(0, (await ConnectAsync()).ExitCode);
    }

    /// <summary>Connects to the API server by its Service.</summary>
    private Task<Result> ConnectAsync() => RunAsync("socat", "-u", "/dev/null", "TCP:10.96.0.1:443,connect-timeout=2");

    private Task BecomesReachableAsync() => Eventually.BecomesAsync(ConnectAsync, static result => result.ExitCode == 0, Token);

    private async Task<string> GetAsync(string address) => (await RunAsync("busybox", "wget", "-qO-", address)).Succeeded();

    private Task<Result> RunAsync(string program, params string[] arguments) => _network!.RunInAsync(1, Token, program, arguments);
}
