using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network;

/// <summary>Network policies on a real cluster: whether pods reach each other is asked by the pods.</summary>
public sealed class NetworkPolicyTests(ClusterFixture cluster)
{
    private const string Image = "kybernet.local/web:1.0";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ingress_is_closed_by_default_deny_and_opened_by_pod_and_namespace()
    {
        var own = await cluster.KubectlAsync(Token);
        var other = await cluster.KubectlAsync(Token);
        var server = await StartAsync(own, "server");
        await StartAsync(own, "friend");
        await StartAsync(other, "friend");
        await StartAsync(other, "stranger");
        Assert.True(await ReachesAsync(other, "stranger", server));

        await ApplyAsync(own, "deny", "{podSelector: {}, policyTypes: [Ingress]}");
        await BecomesAsync(own, "friend", server, reachable: false);
        Assert.False(await ReachesAsync(other, "stranger", server));
        // What its own node asks of a pod passes, or the kubelet's probes would fail; so does what the pod itself begins.
        using (var node = new HttpClient())
        {
            Assert.Equal("ok\n", await node.GetStringAsync(new Uri($"http://{server}:8080/healthz"), Token));
        }
        Assert.True(await ReachesAsync(own, "server", await AddressOfAsync(other, "friend")));

        await ApplyAsync(own, "allow", "{podSelector: {matchLabels: {run: server}}, ingress: [{from: [{podSelector: {matchLabels: {run: friend}}}]}]}");
        await BecomesAsync(own, "friend", server, reachable: true);
        Assert.False(await ReachesAsync(other, "friend", server));

        await ApplyAsync(own, "allow",
            $"{{podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {other.Namespace}}}}}, podSelector: {{matchLabels: {{run: friend}}}}}}], ports: [{{port: 8080}}]}}]}}");
        await BecomesAsync(other, "friend", server, reachable: true);
        Assert.False(await ReachesAsync(other, "stranger", server));
        Assert.False(await ReachesAsync(own, "friend", server));

        await other.RunAsync(Token, "label", "pod", "stranger", "run=friend", "--overwrite");
        await BecomesAsync(other, "stranger", server, reachable: true);

        await own.RunAsync(Token, "delete", "networkpolicy", "--all");
        await BecomesAsync(own, "friend", server, reachable: true);
    }

    [Fact]
    public async Task A_pod_is_under_its_policies_from_its_first_packet()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var server = await StartAsync(kubectl, "server");
        await ApplyAsync(kubectl, "quiet", "{podSelector: {matchLabels: {run: quiet}}, policyTypes: [Egress]}");
        await StartAsync(kubectl, "witness");

        // One try, as the first thing that a pod does. Only stdout is looked at: the runtime does not keep the order between the two streams.
        var once = $"nc -w 2 {server} 8080 </dev/null 2>/dev/null && echo open || echo closed";
        await kubectl.RunAsync(Token, "run", "quiet", $"--image={Image}", "--restart=Never", "--command", "--", "sh", "-c", once);
        await kubectl.RunAsync(Token, "run", "loud", $"--image={Image}", "--restart=Never", "--command", "--", "sh", "-c", once);
        foreach (var (pod, expected) in new[] { ("quiet", "closed"), ("loud", "open") })
        {
            await kubectl.RunAsync(Token, "wait", "--for=jsonpath={.status.phase}=Succeeded", $"pod/{pod}", "--timeout=60s");
            Assert.Equal(expected, (await kubectl.RunAsync(Token, "logs", pod)).Trim().Split('\n')[^1]);
        }
    }

    [Fact]
    public async Task Rules_that_somebody_deletes_come_back()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var server = await StartAsync(kubectl, "server");
        await StartAsync(kubectl, "client");
        await ApplyAsync(kubectl, "deny", "{podSelector: {matchLabels: {run: server}}}");
        await BecomesAsync(kubectl, "client", server, reachable: false);

        var tables = await Shell.RunAsync("nft", ["list", "tables", "inet"], "", new Dictionary<string, string>(), Token);
        var table = Assert.Single(
            tables.Succeeded().Split('\n'), line => line.EndsWith($"kybernet-policy-{new Cluster.DataDirectory(cluster.Program.DataDir).Identity}", StringComparison.Ordinal));
        (await Shell.RunAsync("nft", ["delete", .. table.Split(' ')], "", new Dictionary<string, string>(), Token)).Succeeded();
        await BecomesAsync(kubectl, "client", server, reachable: false);
    }

    private static async Task<string> StartAsync(Kubectl kubectl, string name)
    {
        await kubectl.RunAsync(Token, "run", name, $"--image={Image}", "--port=8080");
        await kubectl.RunAsync(Token, "wait", "--for=condition=Ready", $"pod/{name}", "--timeout=60s");
        return await AddressOfAsync(kubectl, name);
    }

    private static Task<string> AddressOfAsync(Kubectl kubectl, string name) => kubectl.ReadAsync(Token, "pod", name, "{.status.podIP}");

    private static async Task ApplyAsync(Kubectl kubectl, string name, string spec) => (await kubectl.FeedAsync(
        $"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}}}\nspec: {spec}\n", Token, "apply", "-f", "-")).Succeeded();

    private static async Task<bool> ReachesAsync(Kubectl kubectl, string pod, string address) =>
        (await kubectl.TryAsync(Token, "exec", pod, "--", "sh", "-c", $"nc -w 2 {address} 8080 </dev/null")).ExitCode == 0;

    private static Task BecomesAsync(Kubectl kubectl, string pod, string address, bool reachable) =>
        Eventually.BecomesAsync(() => ReachesAsync(kubectl, pod, address), reaches => reaches == reachable, Token);
}
