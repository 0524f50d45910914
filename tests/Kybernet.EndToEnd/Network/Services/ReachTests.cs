using System.Net;
using System.Net.Sockets;
using System.Text;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network.Services;

/// <summary>How pods reach each other, and how their node reaches them.</summary>
public sealed class ReachTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "networking-intra-pod-http")]
    [Trait("Conformance", "networking-intra-pod-udp")]
    public async Task A_pod_reaches_every_other_pod()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        foreach (var name in (string[])["one", "two"])
        {
            var address = (await pods.RunAsync(name)).Status.PodIP!;
            await pods.BecomesAsync(address, EchoPods.TcpPort, name);
            await pods.BecomesAsync(address, EchoPods.UdpPort, name, udp: true);
        }
        await pods.Namespace.PodRunsAsync(Nodes.PodYaml.Web(name: "web"));
        var web = (await pods.Namespace.GetAsync<Api.Core.V1.Pod>("web")).Status.PodIP;
        Assert.Equal("ok", (await pods.Namespace.ExecAsync("client", "main", "wget", "-qO-", $"http://{web}:8080/healthz")).Trim());
    }

    [Fact]
    [Trait("Conformance", "networking-intra-pod-http-from-node-http")]
    [Trait("Conformance", "networking-intra-pod-http-from-node-udp")]
    public async Task The_node_reaches_every_pod()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        var echo = await pods.RunAsync("one");
        await pods.Namespace.PodRunsAsync(Nodes.PodYaml.Web(name: "web"));
        var web = (await pods.Namespace.GetAsync<Api.Core.V1.Pod>("web")).Status.PodIP;
        using var http = new HttpClient();
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri($"http://{web}:8080/healthz"), Token));
        await Eventually.BecomesAsync(() => AskByDatagramAsync(echo.Status.PodIP!), static answer => answer == "one\n", Token);
    }

    [Fact]
    [Trait("Conformance", "scheduling-hostport-matching-and-hostip-and-protocol-not-matching")]
    public async Task Pods_share_a_host_port_where_address_or_protocol_differ()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        var node = await pods.NodeAddressAsync();
        var port = KybernetProgram.FreePort();
        await pods.RunAsync("loop", $"{{containerPort: 8080, hostPort: {port}, hostIP: 127.0.0.1}}");
        await pods.RunAsync("node", $"{{containerPort: 8080, hostPort: {port}, hostIP: {node}}}");
        await pods.RunAsync("datagrams", $"{{containerPort: 8081, hostPort: {port}, hostIP: {node}, protocol: UDP}}");
        await pods.BecomesAsync(node, port, "node");
        await pods.BecomesAsync(node, port, "datagrams", udp: true);
        var answer = await Eventually.BecomesAsync(() => AskLoopbackAsync(port), static answer => answer.Length > 0, Token);
        Assert.Equal("loop\n", answer);
    }

    private static async Task<string> AskByDatagramAsync(string address)
    {
        using var datagrams = new UdpClient();
        await datagrams.SendAsync(Encoding.ASCII.GetBytes("?\n"), new IPEndPoint(IPAddress.Parse(address), EchoPods.UdpPort), Token);
        try
        {
            var answer = await datagrams.ReceiveAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(2), TimeProvider.System, Token);
            return Encoding.ASCII.GetString(answer.Buffer);
        }
        catch (Exception exception) when (exception is TimeoutException or SocketException)
        {
            return ""; // lost, or nobody listens yet
        }
    }

    private static async Task<string> AskLoopbackAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, Token);
        }
        catch (SocketException)
        {
            return ""; // not yet
        }
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(Token);
    }
}
