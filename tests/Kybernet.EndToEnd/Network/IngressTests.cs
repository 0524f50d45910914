using System.Net;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network;

/// <summary>Real pods reached from outside through an Ingress.</summary>
public sealed class IngressTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_Ingress_gets_the_default_class_and_an_address_and_leads_to_every_pod_of_its_Service()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.CreateAsync(Token);
        await kubectl.RunAsync(Token, "expose", "deployment", "web", "--port=80", "--target-port=8080");
        var host = $"{kubectl.Namespace}.example.com";

        await kubectl.RunAsync(Token, "create", "ingress", "web", $"--rule={host}/*=web:80");

        await Eventually.BecomesAsync(
            () => kubectl.ReadAsync(Token, "ingress", "web", "{.status.loadBalancer.ingress[0].ip}"), static address => address.Length > 0, Token);
        Assert.Equal("kybernet", await kubectl.ReadAsync(Token, "ingress", "web", "{.spec.ingressClassName}"));
        using var client = await ClientAsync(kubectl);
        var pods = await kubectl.PodsAsync(Token);
        var seen = new HashSet<string>();
        await Eventually.BecomesAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = host } };
                using var response = await client.SendAsync(request, Token);
                var page = await response.Content.ReadAsStringAsync(Token);
                seen.UnionWith(pods.Where(pod => page.Contains($"host: {pod}", StringComparison.Ordinal)));
                return string.Join(' ', seen.Order());
            },
            all => all == string.Join(' ', pods.Order()),
            Token);

        using var unknown = await client.GetAsync(new Uri("/", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task An_Ingress_whose_pods_are_gone_answers_503_until_they_are_back()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.CreateAsync(Token);
        await kubectl.RunAsync(Token, "expose", "deployment", "web", "--port=80", "--target-port=8080");
        var host = $"{kubectl.Namespace}.example.com";
        await kubectl.RunAsync(Token, "create", "ingress", "web", $"--rule={host}/*=web:80");
        await Eventually.BecomesAsync(
            () => kubectl.ReadAsync(Token, "ingress", "web", "{.status.loadBalancer.ingress[0].ip}"), static address => address.Length > 0, Token);
        using var client = await ClientAsync(kubectl);

        await kubectl.RunAsync(Token, "scale", "deployment/web", "--replicas=0");
        await Eventually.BecomesAsync(StatusAsync, static status => status == HttpStatusCode.ServiceUnavailable, Token);
        await kubectl.RunAsync(Token, "scale", "deployment/web", "--replicas=1");
        await Eventually.BecomesAsync(StatusAsync, static status => status == HttpStatusCode.OK, Token);

        async Task<HttpStatusCode> StatusAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = host } };
            using var response = await client.SendAsync(request, Token);
            return response.StatusCode;
        }
    }

    /// <summary>A client of the address and port that the status tells of: port 80 may be another cluster's.</summary>
    private static async Task<HttpClient> ClientAsync(Kubectl kubectl)
    {
        var where = await kubectl.ReadAsync(Token, "ingress", "web", "{.status.loadBalancer.ingress[0].ip}:{.status.loadBalancer.ingress[0].ports[0].port}");
        return new HttpClient { BaseAddress = new Uri($"http://{where}") };
    }
}
