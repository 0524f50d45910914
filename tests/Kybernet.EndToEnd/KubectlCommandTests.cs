using System.Net.Sockets;
using System.Text.RegularExpressions;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>Commands of stock kubectl that need nothing of a node but its API.</summary>
public sealed partial class KubectlCommandTests(ClusterFixture cluster)
{
    private const string Image = "kybernet.local/web:1.0";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "kubectl-version")]
    [Trait("Conformance", "kubectl-check-version-v1")]
    [Trait("Conformance", "kubectl-cluster-info")]
    public async Task The_server_says_its_version_its_groups_and_where_it_is()
    {
        var kubectl = await cluster.KubectlAsync(Token);

        var version = await kubectl.RunAsync(Token, "version", "-o", "yaml");
        Assert.Contains("clientVersion:", version, StringComparison.Ordinal);
        Assert.Matches(@"serverVersion:[\s\S]*gitVersion: v1\.36\.\S+\+kybernet", version);
        Assert.Matches(@"(?m)^v1$", await kubectl.RunAsync(Token, "api-versions"));
        Assert.Matches(@"control plane.* is running at .*https://127\.0\.0\.1:\d+", await kubectl.RunAsync(Token, "cluster-info"));
    }

    [Fact]
    [Trait("Conformance", "kubectl-run-pod")]
    [Trait("Conformance", "kubectl-label-update")]
    [Trait("Conformance", "kubectl-server-side-dry-run-pod")]
    [Trait("Conformance", "kubectl-replace")]
    public async Task A_pod_is_run_labelled_tried_and_replaced()
    {
        var kubectl = await cluster.KubectlAsync(Token);

        await kubectl.RunAsync(Token, "run", "one", "--image", Image, "--restart=Never", "--labels=run=one");
        Assert.Equal(Image, await ImageAsync());
        await kubectl.RunAsync(Token, "label", "pod", "one", "testing-label=testing-label-value");
        Assert.Matches(@"(?m)^one\s.*testing-label-value\s*$", await kubectl.RunAsync(Token, "get", "pod", "one", "-L", "testing-label"));
        Assert.Contains("pod/one", await kubectl.RunAsync(Token, "get", "pods", "-l", "testing-label", "-o", "name"), StringComparison.Ordinal);
        await kubectl.RunAsync(Token, "label", "pod", "one", "testing-label-");
        Assert.Empty(await kubectl.RunAsync(Token, "get", "pods", "-l", "testing-label", "-o", "name"));

        var other = """{"spec":{"containers":[{"name":"one","image":"kybernet.local/web:2.0"}]}}""";
        await kubectl.RunAsync(Token, "patch", "pod", "one", "-p", other, "--dry-run=server");
        Assert.Equal(Image, await ImageAsync());

        var json = await kubectl.RunAsync(Token, "get", "pod", "one", "-o", "json");
        (await kubectl.FeedAsync(json.Replace(Image, "kybernet.local/web:2.0", StringComparison.Ordinal), Token, "replace", "-f", "-")).Succeeded();
        Assert.Equal("kybernet.local/web:2.0", await ImageAsync());

        Task<string> ImageAsync() => kubectl.ReadAsync(Token, "pod", "one", "{.spec.containers[0].image}");
    }

    [Fact]
    [Trait("Conformance", "kubectl-diff-deployment")]
    public async Task A_manifest_is_compared_with_what_is_there()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var manifest = await kubectl.RunAsync(Token, "create", "deployment", "web", "--image", Image, "--replicas=0", "--dry-run=client", "-o", "yaml");
        (await kubectl.FeedAsync(manifest, Token, "apply", "-f", "-")).Succeeded();

        var diff = await kubectl.FeedAsync(manifest.Replace(Image, "kybernet.local/web:2.0", StringComparison.Ordinal), Token, "diff", "-f", "-");

        Assert.Equal(1, diff.ExitCode);
        Assert.Matches(@"(?m)^-\s+- image: kybernet\.local/web:1\.0", diff.Output);
        Assert.Matches(@"(?m)^\+\s+- image: kybernet\.local/web:2\.0", diff.Output);
    }

    [Fact]
    [Trait("Conformance", "kubectl-create-service-replication-controller")]
    [Trait("Conformance", "kubectl-patch-to-annotate")]
    public async Task A_controller_and_a_service_are_exposed_and_a_controllers_pods_annotated()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        (await kubectl.FeedAsync(
            $$"""
            apiVersion: v1
            kind: ReplicationController
            metadata: { name: primary }
            spec:
              replicas: 2
              selector: { app: primary }
              template:
                metadata: { labels: { app: primary } }
                spec: { containers: [ { name: c, image: "{{Image}}" } ] }
            """,
            Token, "create", "-f", "-")).Succeeded();
        await kubectl.RunAsync(Token, "expose", "rc", "primary", "--name=rm2", "--port=1234", "--target-port=8080");
        await kubectl.RunAsync(Token, "expose", "service", "rm2", "--name=rm3", "--port=2345", "--target-port=8080");

        Assert.Equal("1234 8080", await kubectl.ReadAsync(Token, "service", "rm2", "{.spec.ports[0].port} {.spec.ports[0].targetPort}"));
        Assert.Equal("2345 8080", await kubectl.ReadAsync(Token, "service", "rm3", "{.spec.ports[0].port} {.spec.ports[0].targetPort}"));

        var pods = await Eventually.BecomesAsync(
            async () => (await kubectl.RunAsync(Token, "get", "pods", "-l", "app=primary", "-o", "name")).Split('\n', StringSplitOptions.RemoveEmptyEntries),
            static pods => pods.Length == 2, Token);
        foreach (var pod in pods)
        {
            await kubectl.RunAsync(Token, "patch", pod, "-p", """{"metadata":{"annotations":{"x":"y"}}}""");
        }
        Assert.Equal("y y", await kubectl.RunAsync(Token, "get", "pods", "-l", "app=primary", "-o", "jsonpath={.items[*].metadata.annotations.x}"));
    }

    [Fact]
    [Trait("Conformance", "kubectl-proxy-port-zero")]
    public async Task A_proxy_takes_a_free_port()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        using var proxy = kubectl.Start("proxy", "-p", "0", "--disable-filter");
        try
        {
            var line = await proxy.StandardOutput.ReadLineAsync(Token);
            var port = PortOf().Match(line ?? "").Groups[1].Value;
            using var client = new HttpClient();
            Assert.Contains("APIVersions", await client.GetStringAsync($"http://127.0.0.1:{port}/api/", Token), StringComparison.Ordinal);
        }
        finally
        {
            proxy.Kill();
            await proxy.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    [Trait("Conformance", "kubectl-proxy-socket")]
    public async Task A_proxy_listens_at_a_socket()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var folder = Directory.CreateTempSubdirectory("kubectl-proxy-");
        var path = Path.Combine(folder.FullName, "test.sock");
        using var proxy = kubectl.Start("proxy", $"--unix-socket={path}");
        try
        {
            await Eventually.BecomesAsync(() => Task.FromResult(File.Exists(path)), static isThere => isThere, Token);
            using var client = new HttpClient(new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            });
            Assert.Contains("APIVersions", await client.GetStringAsync("http://localhost/api/", Token), StringComparison.Ordinal);
        }
        finally
        {
            proxy.Kill();
            await proxy.WaitForExitAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex(@"127\.0\.0\.1:(\d+)")]
    private static partial Regex PortOf();
}
