using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Joining;

/// <summary>A server and two machines that join it, each a network namespace of its own with its own containerd and kubelet.</summary>
public sealed class SeveralNodesTests : IAsyncLifetime
{
    private const string Pods =
        """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: web}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers: [{name: web, image: "kybernet.local/web:1.0"}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec:
          type: NodePort
          selector: {app: web}
          ports: [{port: 80, targetPort: 8080, nodePort: 30777}]
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kybernet-nodes-");
    private NodeNamespaces? _network;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            _network = await NodeNamespaces.CreateAsync(3, Cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_network is not null)
        {
            for (var node = 3; node >= 1; node--)
            {
                (await _network.RunInAsync(node, CancellationToken.None, Repository.Program, "down", "--data-dir", DataDir(node))).Succeeded();
            }
            await _network.DisposeAsync();
        }
        _folder.Delete(recursive: true);
    }

    [Fact]
    [Trait("Conformance", "conformance-tests-minimum-number-of-nodes")]
    public async Task Machines_join_with_a_token_and_pods_and_services_reach_across_them()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a node needs root");
        await StartAsync();
        await Eventually.BecomesAsync(
            () => KubectlAsync("get", "nodes", "-o", "jsonpath={range .items[*]}{.metadata.name} {.spec.unschedulable}{.spec.taints}{\"\\n\"}{end}"),
            static nodes => nodes == "node1 \nnode2 \nnode3 \n",
            Cancellation);
        await FeedAsync(Pods);
        await KubectlAsync("rollout", "status", "daemonset/web", "--timeout=60s");

        var pods = (await KubectlAsync("get", "pods", "-o", "jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName} {.status.podIP}{\"\\n\"}{end}"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')).ToList();
        Assert.Equal(["node1", "node2", "node3"], pods.Select(static pod => pod[1]).Order());
        foreach (var from in pods)
        {
            foreach (var to in pods)
            {
                Assert.Contains($"host: {to[0]}", await KubectlAsync("exec", from[0], "--", "wget", "-qO-", $"http://{to[2]}:8080/"), StringComparison.Ordinal);
            }
            Assert.Contains("host: web-", await KubectlAsync("exec", from[0], "--", "wget", "-qO-", "http://web.default.svc.cluster.local/"), StringComparison.Ordinal);
        }
        // The kubelets of joined nodes are asked over HTTPS, with the certificates that the cluster signed for them.
        Assert.Contains("listens on", await KubectlAsync("logs", pods.Single(static pod => pod[1] == "node3")[0]), StringComparison.Ordinal);
        var answer = await _network!.RunInAsync(3, Cancellation, "busybox", "wget", "-qO-", "http://10.77.0.2:30777/");
        Assert.Contains("host: web-", answer.Succeeded(), StringComparison.Ordinal);
        Assert.DoesNotContain("Pending", await KubectlAsync("get", "csr", "--no-headers"), StringComparison.Ordinal);

        await CutOffAndHealAsync();
    }

    [Fact]
    public async Task A_wrong_token_or_hash_does_not_join()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a node needs root");
        await UpAsync();
        var wrong = await AgentAsync(2, "--server", Server, "--token", "abcdef.0123456789abcdef");
        Assert.Contains("does not know the token abcdef", wrong.Failed(), StringComparison.Ordinal);

        var token = (await _network!.RunInAsync(1, Cancellation, Repository.Program, "token", "create", "--data-dir", DataDir(1))).Succeeded().Trim();
        var other = await AgentAsync(2, "--server", Server, "--token", token, "--ca-cert-hash", "sha256:" + new string('0', 64));
        Assert.Contains("is not the one that was meant", other.Failed(), StringComparison.Ordinal);
        Assert.Contains("no token", (await AgentAsync(2, "--server", Server, "--token", "nonsense")).Failed(), StringComparison.Ordinal);
        Assert.Contains("--token is needed", (await AgentAsync(2, "--server", Server)).Failed(), StringComparison.Ordinal);
    }

    private static string Server => "https://10.77.0.1:6443";

    private async Task CutOffAndHealAsync()
    {
        await _network!.ConnectAsync(3, isConnected: false, Cancellation);
        await Eventually.BecomesAsync(
            () => KubectlAsync("get", "node", "node3", "--no-headers"), static line => line.Contains("NotReady", StringComparison.Ordinal), Cancellation);
        await Eventually.BecomesAsync(
            () => KubectlAsync("get", "endpointslices", "-l", "kubernetes.io/service-name=web", "-o", "jsonpath={.items[*].endpoints[?(@.nodeName=='node3')].conditions.ready}"),
            static ready => ready == "false",
            Cancellation);
        await _network.ConnectAsync(3, isConnected: true, Cancellation);
        await Eventually.BecomesAsync(
            () => KubectlAsync("get", "node", "node3", "--no-headers"), static line => line.Contains(" Ready", StringComparison.Ordinal), Cancellation);
    }

    private string DataDir(int node) => Path.Combine(_folder.FullName, $"node{node}");

    private async Task StartAsync()
    {
        await UpAsync();
        var join = (await _network!.RunInAsync(1, Cancellation, Repository.Program, "token", "create", "--print-join-command", "--data-dir", DataDir(1)))
            .Succeeded().Trim().Split(' ');
        for (var node = 2; node <= 3; node++)
        {
            (await AgentAsync(node, join[2..])).Succeeded();
        }
        await KubectlAsync("wait", "--for=condition=Ready", "nodes", "--all", "--timeout=60s");
    }

    private async Task UpAsync() => (await _network!.RunInAsync(
        1, Cancellation, Repository.Program, "up", "--detach", "--data-dir", DataDir(1), "--https-port", "6443", "--node-name", "node1")).Succeeded();

    private Task<Result> AgentAsync(int node, params IReadOnlyList<string> arguments) => _network!.RunInAsync(
        node, Cancellation, Repository.Program, ["agent", "--detach", "--data-dir", DataDir(node), "--node-name", $"node{node}", .. arguments]);

    private async Task<string> KubectlAsync(params IReadOnlyList<string> arguments) => (await _network!.RunInAsync(
        1, Cancellation, Kubectl.Versions[0], ["--kubeconfig", Path.Combine(DataDir(1), "admin.kubeconfig"), .. arguments])).Succeeded();

    private async Task FeedAsync(string manifest)
    {
        var file = Path.Combine(_folder.FullName, "manifest.yaml");
        await File.WriteAllTextAsync(file, manifest, Cancellation);
        // Pods need the namespace's ServiceAccount, which a controller makes.
        await KubectlAsync("wait", "--for=create", "serviceaccount/default", "--timeout=30s");
        await KubectlAsync("apply", "-f", file);
    }
}
