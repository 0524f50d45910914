using System.Net;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network;

/// <summary>Real pods reached from outside through a Gateway.</summary>
public sealed class GatewayTests(ClusterFixture cluster)
{
    private const int Port = 18765;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Gateway_gets_an_address_and_leads_to_every_pod_of_its_route_until_it_is_deleted()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.CreateAsync(Token);
        await kubectl.RunAsync(Token, "expose", "deployment", "web", "--port=80", "--target-port=8080");
        await Eventually.BecomesAsync(
            () => kubectl.ReadAsync(Token, "gatewayclass", "kybernet", "{.status.conditions[?(@.type=='Accepted')].status}"), static accepted => accepted == "True", Token);

        (await kubectl.FeedAsync(
            $$"""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: front}
            spec: {gatewayClassName: kybernet, listeners: [{name: http, port: {{Port}}, protocol: HTTP}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: web}
            spec: {parentRefs: [{name: front}], hostnames: [web.example.com], rules: [{backendRefs: [{name: web, port: 80}]}]}
            """,
            Token,
            "apply",
            "-f",
            "-")).Succeeded();
        await kubectl.RunAsync(Token, "wait", "--for=condition=Programmed", "gateway/front", "--timeout=60s");

        var address = await kubectl.ReadAsync(Token, "gateway", "front", "{.status.addresses[0].value}");
        var table = (await kubectl.RunAsync(Token, "get", "gateway", "front")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["NAME", "CLASS", "ADDRESS", "PROGRAMMED", "AGE"], Words(table[0]));
        Assert.Equal(["front", "kybernet", address, "True"], Words(table[1])[..4]);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{address}:{Port}") };
        var pods = await kubectl.PodsAsync(Token);
        var seen = new HashSet<string>();
        await Eventually.BecomesAsync(
            async () =>
            {
                using var response = await AskAsync("web.example.com");
                var page = await response.Content.ReadAsStringAsync(Token);
                seen.UnionWith(pods.Where(pod => page.Contains($"host: {pod}", StringComparison.Ordinal)));
                return string.Join(' ', seen.Order());
            },
            all => all == string.Join(' ', pods.Order()),
            Token);
        using var unknown = await AskAsync("other.example.com");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);

        await kubectl.RunAsync(Token, "delete", "gateway", "front");
        await Eventually.BecomesAsync(IsAnsweredAsync, static isAnswered => !isAnswered, Token);
        await Eventually.BecomesAsync(
            () => kubectl.ReadAsync(Token, "httproute", "web", "{.status.parents[*].controllerName}"), static controllers => controllers.Length == 0, Token);

        async Task<HttpResponseMessage> AskAsync(string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = host, ConnectionClose = true } };
            return await client.SendAsync(request, Token);
        }

        async Task<bool> IsAnsweredAsync()
        {
            try
            {
                using var response = await AskAsync("web.example.com");
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
