using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Client;
using Kybernet.EndToEnd.Fixture;
using Kybernet.EndToEnd.Nodes;

namespace Kybernet.EndToEnd.Network.Services;

/// <summary>Pods, Services and nodes reached through the API server.</summary>
public sealed class ProxyTests(ClusterFixture cluster)
{
    // Answers every request with its method, and says in a header which path it had.
    private const string Echo =
        "read -r method path rest; while read -r line; do [ ${#line} -le 1 ] && break; done; body=$method; [ $method = HEAD ] && body=; " +
        "printf 'HTTP/1.1 200 OK\\r\\nX-Path: %s\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s' \"$path\" ${#method} \"$body\"";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "proxy-through-apiserver-to-a-service")]
    public async Task A_service_and_its_pod_are_reached_by_name_and_port_many_times()
    {
        await using var @namespace = await cluster.NamespaceAsync(Token);
        await StartAsync(@namespace, PodYaml.Web(name: "echo"));

        foreach (var target in (string[])["pods/echo:8080", "pods/http:echo:8080", "services/echo:http", "services/echo:80", "services/http:echo:http"])
        {
            var path = $"/api/v1/namespaces/{@namespace.Name}/{target}/proxy/healthz";
            await ReachAsync(@namespace, path);
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal((200, "ok\n"), await SendAsync(@namespace, HttpMethod.Get, path));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/some/path/with/%C3%A4?and=query")]
    [Trait("Conformance", "proxy-validate-proxy-responses")]
    [Trait("Conformance", "proxy-validate-proxywithpath-responses")]
    public async Task Every_method_is_relayed_to_pods_and_services(string path)
    {
        await using var @namespace = await cluster.NamespaceAsync(Token);
        var command = new JsonArray("nc", "-ll", "-p", "8080", "-e", "sh", "-c", Echo);
        await StartAsync(@namespace, PodYaml.Command(command.ToJsonString(), name: "echo"));

        foreach (var target in (string[])["pods/echo:8080", "services/echo:http"])
        {
            var url = $"/api/v1/namespaces/{@namespace.Name}/{target}/proxy{path}";
            await ReachAsync(@namespace, path.Length == 0 ? url + "/" : url);
            foreach (var method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete, HttpMethod.Options])
            {
                Assert.Equal((200, method.Method), await SendAsync(@namespace, method, url));
            }
            // A bare path is answered with a redirect to the same with a slash, which the client follows.
            Assert.Equal((200, "GET"), await SendAsync(@namespace, HttpMethod.Get, url));
            Assert.Equal((200, ""), await SendAsync(@namespace, HttpMethod.Head, url));
        }
    }

    [Fact]
    public async Task A_service_without_endpoints_is_told_of()
    {
        await using var @namespace = await cluster.NamespaceAsync(Token);
        await @namespace.ApplyAsync("{apiVersion: v1, kind: Service, metadata: {name: empty}, spec: {selector: {app: none}, ports: [{port: 80}] } }");

        var path = $"/api/v1/namespaces/{@namespace.Name}/services/empty/proxy/";
        var (_, body) = await Eventually.BecomesAsync(() => SendAsync(@namespace, HttpMethod.Get, path), static answer => answer.Code == 503, Token);

        Assert.Equal("no endpoints available for service \"empty\"", (string)JsonNode.Parse(body)!["message"]!);
    }

    [Fact]
    public async Task A_nodes_kubelet_is_reached_with_kubectl()
    {
        await using var @namespace = await cluster.NamespaceAsync(Token);
        var node = await @namespace.Kubectl.RunAsync(Token, "get", "nodes", "-o", "jsonpath={.items[0].metadata.name}");
        Assert.Equal("ok", (await @namespace.Kubectl.RunAsync(Token, "get", "--raw", $"/api/v1/nodes/{node}/proxy/healthz")).Trim());
    }

    private static async Task StartAsync(TestNamespace @namespace, string pod)
    {
        await @namespace.PodRunsAsync(pod);
        await @namespace.ApplyAsync(
            "{apiVersion: v1, kind: Service, metadata: {name: echo}, spec: {selector: {app: echo}, ports: [{name: http, port: 80, targetPort: 8080}] } }");
    }

    /// <summary>A Service has endpoints, and a pod listens, a moment after they are there.</summary>
    private static Task ReachAsync(TestNamespace @namespace, string path) =>
        Eventually.BecomesAsync(() => SendAsync(@namespace, HttpMethod.Get, path), static answer => answer.Code == 200, Token);

    private static async Task<(int Code, string Body)> SendAsync(TestNamespace @namespace, HttpMethod method, string path)
    {
        var reply = await @namespace.Client.Transport.SendAsync(new ApiCall(method, path), Token);
        return (reply.StatusCode, Encoding.UTF8.GetString(reply.Body.Span));
    }
}
