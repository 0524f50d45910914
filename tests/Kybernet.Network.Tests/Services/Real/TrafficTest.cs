using System.Net;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Network.Processes;
using Kybernet.Network.Services.Endpoints;
using Kybernet.Network.Services.Rules;
using static Kybernet.Network.Tests.Services.Objects;

namespace Kybernet.Network.Tests.Services.Real;

/// <summary>A node with two pods and a client outside, as network namespaces, and the rules in the node's kernel.</summary>
public abstract class TrafficTest : IAsyncLifetime
{
    protected const string ClusterIP = "10.96.0.7";
    protected const string First = "10.77.0.1";
    protected const string Second = "10.77.0.2";
    protected const string FirstV6 = "fd77::1";
    protected const string SecondV6 = "fd77::2";
    protected const string Outside = "192.168.88.1";

    private protected RuleTable Table { get; } = new();
    private readonly List<Task> _servers = [];
    private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private KernelNamespace? _kernel;

    private protected KernelNamespace Kernel => _kernel!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "making network namespaces needs root");
        _kernel = await KernelNamespace.CreateAsync(_ending.Token);
        await Kernel.AddNeighbourAsync("first", First, _ending.Token);
        await Kernel.AddAddressV6Async("first", FirstV6, _ending.Token);
        await Kernel.AddNeighbourAsync("second", Second, _ending.Token);
        await Kernel.AddAddressV6Async("second", SecondV6, _ending.Token);
        await Kernel.AddNeighbourAsync("outside", Outside, _ending.Token);
        await Kernel.NftAsync(TableSkeleton.Script(Options, [IPAddress.Parse(KernelNamespace.NodeAddress)]), _ending.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_servers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_kernel is not null)
        {
            await _kernel.DisposeAsync();
        }
        _ending.Dispose();
        GC.SuppressFinalize(this);
    }

    protected CancellationToken Token => _ending.Token;

    protected readonly record struct Answer(string Server, string Client);

    private protected Task ProxyAsync(Service service, params Endpoint[] endpoints)
    {
        var parts = new ServiceRules(Options).Of(service, [Slice("web", 8080, "TCP", endpoints)], new ProxyNode(NodeName, null));
        Table.Replace(new NamespacedName("default", "web"), parts.All);
        return Kernel.NftAsync(RuleScript.Of(Options.Table, Table.TakeChanges()), _ending.Token);
    }

    /// <summary>Runs a server in a neighbour until the test ends, and waits until it listens.</summary>
    private protected async Task RunServerAsync(string name, string port, params string[] command)
    {
        _servers.Add(Kernel.RunAsync(name, ["timeout", "60", .. command], "", _ending.Token));
        while (!(await Kernel.RunAsync(name, ["ss", "-Hlntu", $"sport = {port}"], "", _ending.Token)).Contains(port, StringComparison.Ordinal))
        {
            await Task.Yield();
        }
    }

    /// <summary>Has each answer on port 8080 with its own address and that of who asks.</summary>
    protected async Task ServeAsync(params string[] names)
    {
        foreach (var name in names)
        {
            await RunServerAsync(name, "8080", "socat", "TCP-LISTEN:8080,fork,reuseaddr", "SYSTEM:echo $SOCAT_SOCKADDR $SOCAT_PEERADDR");
        }
    }

    protected async Task<Answer> AskAsync(string from, string target)
    {
        var answer = await Kernel.RunAsync(from, ["socat", "-T5", "-", $"TCP:{target},connect-timeout=3"], "", _ending.Token);
        var parts = answer.Split(' ', StringSplitOptions.TrimEntries);
        return new Answer(parts[0], parts[1]);
    }

    /// <summary>So many that to be led to only one of two by chance is all but impossible.</summary>
    protected async Task<IReadOnlyList<Answer>> AskManyAsync(string from, string target)
    {
        var answers = new List<Answer>();
        for (var i = 0; i < 20; i++)
        {
            answers.Add(await AskAsync(from, target));
        }
        return answers;
    }

    protected async Task AssertRefusedAsync(string from, string target)
    {
        var exception = await Assert.ThrowsAsync<NetworkToolException>(() => AskAsync(from, target));
        Assert.Contains("Connection refused", exception.Message, StringComparison.Ordinal);
    }
}
