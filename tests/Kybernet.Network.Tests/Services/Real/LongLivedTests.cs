using System.Net;
using Kybernet.Api;
using Kybernet.Network.Processes;
using Kybernet.Network.Services.Conntrack;
using Kybernet.Network.Services.Endpoints;
using Kybernet.Network.Services.Rules;
using static Kybernet.Network.Tests.Services.Objects;

namespace Kybernet.Network.Tests.Services.Real;

/// <summary>What the kernel remembers of connections and flows, when the rules that they began by change.</summary>
public sealed class LongLivedTests : TrafficTest
{
    private IReadOnlyDictionary<Frontend, HashSet<string>> _datagrams = new Dictionary<Frontend, HashSet<string>>();

    [Fact]
    public async Task A_connection_goes_on_while_the_table_is_written_anew()
    {
        await RunServerAsync("first", "8080", "socat", "TCP-LISTEN:8080,fork,reuseaddr", "EXEC:cat");
        await ProxyAsync(Service("web", ClusterIP, Port(80)), Endpoint(First));
        using var client = Kernel.Start("second", "socat", "-T60", "-", $"TCP:{ClusterIP}:80,connect-timeout=5");
        try
        {
            Assert.Equal("before", await EchoAsync("before"));
            await Kernel.NftAsync(
                TableSkeleton.Script(Options, [IPAddress.Parse(KernelNamespace.NodeAddress)]) + RuleScript.Of(Options.Table, Table.All()), Token);
            Assert.Equal("after", await EchoAsync("after"));
        }
        finally
        {
            client.Kill();
            await client.WaitForExitAsync(CancellationToken.None); // whatever became of the test
        }

        async Task<string?> EchoAsync(string text)
        {
            await client.StandardInput.WriteLineAsync(text.AsMemory(), Token);
            await client.StandardInput.FlushAsync(Token);
            return await client.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
        }
    }

    [Fact]
    public async Task Datagrams_of_one_flow_leave_an_endpoint_that_is_gone()
    {
        foreach (var name in (string[])["first", "second"])
        {
            await RunServerAsync(name, "8080", "socat", "UDP-RECVFROM:8080,fork", "SYSTEM:echo " + name);
        }
        await ProxyDatagramsAsync(Endpoint(First));
        await AnswersAsync("first");
        await ProxyDatagramsAsync(Endpoint(Second));
        await AnswersAsync("second");
    }

    [Fact]
    public async Task Datagrams_of_one_flow_find_the_first_endpoint_that_comes()
    {
        await RunServerAsync("first", "8080", "socat", "UDP-RECVFROM:8080,fork", "SYSTEM:echo first");
        await ProxyDatagramsAsync();
        Assert.NotEqual("first", await AskFromOnePortAsync());
        await ProxyDatagramsAsync(Endpoint(First));
        await AnswersAsync("first");
    }

    private async Task ProxyDatagramsAsync(params Api.Discovery.V1.Endpoint[] endpoints)
    {
        var parts = new ServiceRules(Options).Of(
            Service("web", ClusterIP, Port(53, "UDP")), [Slice("web", 8080, "UDP", endpoints)], new ProxyNode(NodeName, null));
        Table.Replace(new NamespacedName("default", "web"), parts.All);
        await Kernel.NftAsync(RuleScript.Of(Options.Table, Table.TakeChanges()), Token);
        foreach (var command in StaleFlows.Commands(_datagrams, parts.Datagrams))
        {
            try
            {
                await Kernel.RunAsync("node", ["conntrack", .. command], "", Token);
            }
            catch (NetworkToolException exception) when (exception.Message.Contains(" 0 flow entries", StringComparison.Ordinal))
            {
                // there was none to forget
            }
        }
        _datagrams = parts.Datagrams;
    }

    /// <summary>Asks until one answers: a datagram may be lost, and each that is sent keeps the flow alive.</summary>
    private async Task AnswersAsync(string expected)
    {
        var begin = TimeProvider.System.GetTimestamp();
        string answer;
        while ((answer = await AskFromOnePortAsync()) != expected)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(60), $"it is still \"{answer}\" that answers");
        }
    }

    /// <summary>Who answers a client that sends all its datagrams from one port; empty for nobody.</summary>
    private async Task<string> AskFromOnePortAsync()
    {
        try
        {
            return (await Kernel.RunAsync("outside", ["socat", "-t3", "-T3", "-", $"UDP:{ClusterIP}:53,sourceport=5353"], "?\n", Token)).Trim();
        }
        catch (NetworkToolException)
        {
            return ""; // refused
        }
    }
}
