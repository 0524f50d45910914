using System.Globalization;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network.Services;

/// <summary>Pods that tell their names to whoever connects or sends a datagram, and a client that asks.</summary>
internal sealed class EchoPods : IAsyncDisposable
{
    public const int TcpPort = 8080;
    public const int UdpPort = 8081;

    private const string Image = "kybernet.local/echo:1.0";
    private const string Client = "client";

    private EchoPods(TestNamespace @namespace) => Namespace = @namespace;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public TestNamespace Namespace { get; }

    /// <summary>A namespace with a client in it.</summary>
    public static async Task<EchoPods> StartAsync(ClusterFixture cluster)
    {
        var @namespace = await cluster.NamespaceAsync(Token);
        await ProgramImage.ImportAsync(cluster.Program, Image, ["/usr/bin/socat", "/usr/bin/getent"], Token);
        await @namespace.PodRunsAsync(Pod(Client, "app: client", "[sleep, '1000000']", ""));
        return new EchoPods(@namespace);
    }

    /// <summary>Runs a pod that answers, with the label <c>app: echo</c>.</summary>
    /// <param name="name">Its name, which it answers with.</param>
    /// <param name="ports">The ports of its container, in YAML; may be empty.</param>
    /// <param name="tcpPort">Where it listens for connections.</param>
    public Task<Pod> RunAsync(string name, string ports = "", int tcpPort = TcpPort)
    {
        var script = string.Create(
            CultureInfo.InvariantCulture, $"socat TCP-LISTEN:{tcpPort},fork,reuseaddr SYSTEM:hostname & exec socat UDP-RECVFROM:{UdpPort},fork SYSTEM:hostname");
        return Namespace.PodRunsAsync(Pod(name, "app: echo", $"[sh, -c, '{script}']", ports));
    }

    /// <summary>Makes a Service of the pods.</summary>
    public Task<Service> ServeAsync(string name, string spec) => Namespace.ApplyAsync<Service>($$"""
        {apiVersion: v1, kind: Service, metadata: {name: {{name}} }, spec: { {{spec}} } }
        """);

    /// <summary>Who answers the client; empty where nobody does.</summary>
    public async Task<string> AskAsync(string address, int port, bool udp = false)
    {
        var target = string.Create(CultureInfo.InvariantCulture, $"{(udp ? "UDP" : "TCP")}:{address}:{port}");
        var answer = await Namespace.Kubectl.TryAsync(Token, "exec", Client, "--", "sh", "-c", $"echo | socat -t5 -T5 - {target}{(udp ? "" : ",connect-timeout=2")}");
        return answer.ExitCode == 0 ? answer.Output.Trim() : "";
    }

    /// <summary>Waits until somebody answers the client.</summary>
    public Task BecomesAsync(string address, int port, string expected, bool udp = false) =>
        Eventually.BecomesAsync(() => AskAsync(address, port, udp), answer => answer == expected, Token);

    /// <summary>Waits until each of some pods has answered.</summary>
    public async Task AllAnswerAsync(string address, int port, params string[] expected)
    {
        var missing = expected.ToHashSet(StringComparer.Ordinal);
        await Eventually.BecomesAsync(
            async () =>
            {
                missing.Remove(await AskAsync(address, port));
                return missing.Count;
            },
            static left => left == 0,
            Token);
    }

    /// <summary>Waits until so many questions in a row have one answer.</summary>
    public Task SticksAsync(string address, int port) => Eventually.BecomesAsync(() => AskManyAsync(address, port), static answers => answers.Distinct().Count() == 1 && answers[0].Length > 0, Token);

    /// <summary>So many that to be led to only one of two by chance is all but impossible.</summary>
    private async Task<IReadOnlyList<string>> AskManyAsync(string address, int port)
    {
        var script = string.Create(CultureInfo.InvariantCulture, $"for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do socat -u TCP:{address}:{port},connect-timeout=2 -; done");
        var answer = await Namespace.Kubectl.TryAsync(Token, "exec", Client, "--", "sh", "-c", script);
        return [.. answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>The address that the client's programs get for a name; empty for none.</summary>
    public async Task<string> ResolveAsync(string name) =>
        (await Namespace.Kubectl.TryAsync(Token, "exec", Client, "--", "getent", "ahostsv4", name)).Output.Split(' ')[0];

    /// <summary>The address of the node.</summary>
    public async Task<string> NodeAddressAsync()
    {
        var node = (await Namespace.Client.ListAsync<Node>("", ListSelection.All, Token)).Single();
        return node.Status.Addresses.First(static address => address.Type == "InternalIP").Address;
    }

    public ValueTask DisposeAsync() => Namespace.DisposeAsync();

    private static string Pod(string name, string labels, string command, string ports) => $$"""
        {apiVersion: v1, kind: Pod, metadata: {name: {{name}}, labels: { {{labels}} } },
         spec: {terminationGracePeriodSeconds: 1, containers: [{name: main, image: '{{Image}}', command: {{command}}, ports: [{{ports}}]}] } }
        """;
}
