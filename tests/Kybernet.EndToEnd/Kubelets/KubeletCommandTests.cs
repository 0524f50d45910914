using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Kubelets;

/// <summary><c>kybernet kubelet</c> beside a server that has no node of its own.</summary>
public sealed class KubeletCommandTests : IAsyncLifetime
{
    private readonly KybernetProgram _cluster = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kybernet-kubelet-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _cluster.DownAsync(CancellationToken.None);
        _cluster.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_gets_its_certificates_with_a_bootstrap_token_and_registers_its_node()
    {
        (await _cluster.UpAsync(Token, "--no-node")).Succeeded();
        var token = (await _cluster.RunAsync(Token, "token", "create", "--data-dir", _cluster.DataDir)).Succeeded().Trim();
        var kubectl = new Kubectl(Kubectl.Versions[0], _cluster.Kubeconfig, "default");

        using var kubelet = Shell.Start(
            Repository.Program,
            [
                "kubelet",
                "--config", Write("config.yaml", Configuration()),
                "--bootstrap-kubeconfig", Write("bootstrap.kubeconfig", Bootstrap(token)),
                "--kubeconfig", PathOf("kubelet.kubeconfig"), "--cert-dir", PathOf("pki"), "--root-dir", PathOf("kubelet"),
                "--hostname-override", "edge", "--node-labels", "zone=a", "--register-with-taints", "dedicated=db:NoSchedule", "--max-pods", "7",
            ],
            new Dictionary<string, string>());
        try
        {
            // Nothing answers at its runtime's socket: the node says so, and has all that does not need one.
            await ShowsAsync("edge a dedicated=db:NoSchedule 7", "get", "node", "edge", "-o", "jsonpath={.metadata.name} {.metadata.labels.zone} {.spec.taints[0].key}={.spec.taints[0].value}:{.spec.taints[0].effect} {.status.capacity.pods}");
            await ShowsAsync("container runtime is down", "get", "node", "edge", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].message}");
            await ShowsAsync("kubernetes.io/kube-apiserver-client-kubelet system:bootstrap:", "get", "csr", "-o", "jsonpath={range .items[*]}{.spec.signerName} {.spec.username}{'\\n'}{end}");
            await Eventually.BecomesAsync(() => Task.FromResult(File.Exists(PathOf("pki/kubelet-server-current.pem"))), static exists => exists, Token);
            Assert.Contains("user: system:node:edge", await File.ReadAllTextAsync(PathOf("kubelet.kubeconfig"), Token), StringComparison.Ordinal);
        }
        finally
        {
            kubelet.Kill();
            await kubelet.WaitForExitAsync(CancellationToken.None);
        }

        Task ShowsAsync(string expected, params string[] command) => Eventually.BecomesAsync(
            () => kubectl.TryAsync(Token, command), result => result.Output.Contains(expected, StringComparison.Ordinal), Token);
    }

    [Fact]
    public async Task A_configuration_with_a_field_that_it_does_not_know_is_refused()
    {
        var result = await _cluster.RunAsync(Token, "kubelet", "--config", Write("config.yaml", Configuration() + "maxPod: 3\n"), "--kubeconfig", PathOf("none"));

        Assert.Contains("strict decoding error: unknown field \"maxPod\"", result.Failed(), StringComparison.Ordinal);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string Write(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        return PathOf(name);
    }

    private string Configuration() => $$"""
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        address: 127.0.0.1
        port: 0
        containerRuntimeEndpoint: unix://{{PathOf("none.sock")}}
        serverTLSBootstrap: true
        podLogsDir: {{PathOf("logs")}}
        authentication:
          x509:
            clientCAFile: {{_cluster.DataDir}}/pki/ca.crt

        """;

    private string Bootstrap(string token) => $$"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: cluster
          cluster:
            server: https://127.0.0.1:{{_cluster.Port}}
            certificate-authority: {{_cluster.DataDir}}/pki/ca.crt
        users:
        - name: bootstrap
          user:
            token: {{token}}
        contexts:
        - name: bootstrap
          context: {cluster: cluster, user: bootstrap}
        current-context: bootstrap
        """;
}
