using System.Diagnostics;
using System.Globalization;
using Kybernet.Network.Processes;

namespace Kybernet.Network.Tests.Services.Real;

/// <summary>
/// Network namespaces of the test's own, with the kernel's real tables: a node, and around it pods and a client outside, each behind a link of its own.
/// </summary>
internal sealed class KernelNamespace : IAsyncDisposable
{
    private const string Gateway = "169.254.77.1";
    private const string GatewayV6 = "fe80::77:1";

    private readonly string _prefix = "ks" + Guid.NewGuid().ToString("N")[..6];
    private readonly List<string> _namespaces = [];
    private int _links;

    private KernelNamespace()
    {
    }

    /// <summary>The address that the node is known by.</summary>
    public const string NodeAddress = "192.168.77.1";

    /// <summary>Makes the node.</summary>
    public static async Task<KernelNamespace> CreateAsync(CancellationToken cancellationToken)
    {
        var made = new KernelNamespace();
        await made.AddAsync("node", cancellationToken);
        await made.RunAsync("node", ["sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"], "", cancellationToken);
        // What no route leads to is refused before any rule sees it: like any machine, the node has a default route.
        await made.RunAsync(
            "node",
            ["ip", "-batch", "-"],
            $"address add {NodeAddress}/32 dev lo\nlink add away type veth peer name far\nlink set away up\nlink set far up\nroute add default dev away\n",
            cancellationToken);
        await made.RunAsync("node", ["ip", "-6", "route", "add", "default", "dev", "away"], "", cancellationToken);
        return made;
    }

    /// <summary>Adds a neighbour with an address; all that it sends goes through the node.</summary>
    public async Task AddNeighbourAsync(string name, string address, CancellationToken cancellationToken)
    {
        await AddAsync(name, cancellationToken);
        var (near, far) = (string.Create(CultureInfo.InvariantCulture, $"n{_links}"), "eth0");
        _links++;
        await RunAsync("node", ["ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", _prefix + name], "", cancellationToken);
        await RunAsync("node", ["ip", "-batch", "-"], $"address add {Gateway}/32 dev {near}\nlink set {near} up\nroute add {address}/32 dev {near}\n", cancellationToken);
        await RunAsync(
            name,
            ["ip", "-batch", "-"],
            $"address add {address}/32 dev {far}\nlink set {far} up\nroute add {Gateway} dev {far}\nroute add default via {Gateway}\n",
            cancellationToken);
    }

    /// <summary>Gives the neighbour that was added last an IPv6 address too.</summary>
    public async Task AddAddressV6Async(string name, string address, CancellationToken cancellationToken)
    {
        var (near, far) = (string.Create(CultureInfo.InvariantCulture, $"n{_links - 1}"), "eth0");
        await RunAsync("node", ["ip", "-6", "-batch", "-"], $"address add {GatewayV6}/64 dev {near} nodad\nroute add {address}/128 dev {near}\n", cancellationToken);
        await RunAsync(
            name, ["ip", "-6", "-batch", "-"], $"address add {address}/128 dev {far} nodad\nroute add default via {GatewayV6} dev {far}\n", cancellationToken);
    }

    /// <summary>Starts a program in one of them that is talked to.</summary>
    public Process Start(string name, params IReadOnlyList<string> command) =>
        Process.Start(new ProcessStartInfo("ip", ["netns", "exec", _prefix + name, .. command]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    /// <summary>Runs a program in one of them.</summary>
    public Task<string> RunAsync(string name, IReadOnlyList<string> command, string input, CancellationToken cancellationToken) =>
        NetworkTool.RunCheckedAsync("ip", ["netns", "exec", _prefix + name, .. command], input, cancellationToken);

    /// <summary>Gives the node's kernel some commands of nft.</summary>
    public Task NftAsync(string script, CancellationToken cancellationToken) => RunAsync("node", ["nft", "-f", "-"], script, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _namespaces)
        {
            await NetworkTool.RunCheckedAsync("ip", ["netns", "delete", name], "", CancellationToken.None); // whatever became of the test
        }
    }

    private async Task AddAsync(string name, CancellationToken cancellationToken)
    {
        await NetworkTool.RunCheckedAsync("ip", ["netns", "add", _prefix + name], "", cancellationToken);
        _namespaces.Add(_prefix + name);
        await RunAsync(name, ["ip", "link", "set", "lo", "up"], "", cancellationToken);
    }
}
