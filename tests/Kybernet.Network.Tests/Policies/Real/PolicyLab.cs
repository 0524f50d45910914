using System.Globalization;
using System.Net;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Network.Nftables;
using Kybernet.Network.Policies;

namespace Kybernet.Network.Tests.Policies.Real;

/// <summary>
/// A node in a network namespace, with pods in others, each on a link of its own as the cluster's CNI configuration makes them, and a machine beyond.
/// Pods <c>x/a</c>, <c>x/b</c>, <c>y/a</c> and <c>y/b</c> answer on 80 and 81; the port <c>serve</c> is 80 in x and 81 in y.
/// </summary>
internal sealed class PolicyLab : IAsyncDisposable
{
    public const string Outside = "outside";
    private static int _count;

    private readonly Dictionary<string, PodEndpoint> _hosts = [];
    private readonly NetworkNamespace _node;
    private readonly string _prefix;
    private readonly NftTable _table = PolicyTable.Create(new NetworkPolicyOptions { NodeName = Objects.Node, Table = "policies" });
    private readonly CancellationToken _token;

    private PolicyLab(NetworkNamespace node, string prefix, CancellationToken token)
    {
        (_node, _prefix, _token) = (node, prefix, token);
        Index = new PolicyIndex(Objects.Node, _table, []);
        Node = new PodEndpoint(node, IPAddress.Parse("10.99.0.1"));
    }

    public PolicyIndex Index { get; }

    /// <summary>The node as a host, which answers on the same ports.</summary>
    public PodEndpoint Node { get; }

    public PodEndpoint this[string name] => _hosts[name];

    public static async Task<PolicyLab> StartAsync(CancellationToken token)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "network namespaces need root");
        var prefix = string.Create(CultureInfo.InvariantCulture, $"np{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        var lab = new PolicyLab(await NetworkNamespace.CreateAsync($"{prefix}-node", token), prefix, token);
        await lab._node.RunAsync("", token, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        lab.Index.SetNode(new Api.Core.V1.Node { Metadata = new ObjectMeta { Name = Objects.Node }, Spec = new NodeSpec { PodCIDRs = ["10.99.0.0/24"] } });
        await lab.AddHostAsync(Outside, "192.0.2.9", "192.0.2.1");
        var last = 10;
        foreach (var ns in new[] { "x", "y" })
        {
            lab.Index.SetNamespace(ns, Objects.LabelsOf(ns));
            foreach (var pod in new[] { "a", "b" })
            {
                var address = string.Create(CultureInfo.InvariantCulture, $"10.99.0.{last++}");
                await lab.AddHostAsync($"{ns}/{pod}", address, "10.99.0.1");
                lab.Index.SetPod(lab.PodOf($"{ns}/{pod}"));
            }
        }
        lab.Node.Serve(80, 81);
        await lab.ApplyAsync(lab._table.TakeAll());
        return lab;
    }

    /// <summary>Adds a host with a link to the node. It is no pod yet.</summary>
    public async Task AddHostAsync(string name, string address, string gateway)
    {
        var home = await NetworkNamespace.CreateAsync($"{_prefix}-{_hosts.Count}", _token);
        var link = string.Create(CultureInfo.InvariantCulture, $"veth{_hosts.Count}");
        await _node.IpAsync(
            $"""
            link add {link} type veth peer name eth0 netns {home.Name}
            address add {gateway}/32 dev {link}
            link set {link} up
            route add {address}/32 dev {link}

            """,
            _token);
        await home.IpAsync(
            $"""
            address add {address}/32 dev eth0
            link set eth0 up
            route add {gateway}/32 dev eth0
            route add default via {gateway}

            """,
            _token);
        var host = new PodEndpoint(home, IPAddress.Parse(address));
        host.Serve(80, 81);
        _hosts.Add(name, host);
    }

    public Pod PodOf(string name) => Objects.Pod(name, _hosts[name].Address.ToString(), name[0] == 'y' ? 81 : 80);

    /// <summary>Puts a policy in force, with a specification in JSON.</summary>
    public Task SetAsync(string name, string spec) => ChangeAsync(index => index.SetPolicy(Objects.Policy(name, spec)));

    public Task RemoveAsync(string name) => ChangeAsync(index => index.RemovePolicy(Objects.Policy(name, "{}")));

    /// <summary>Changes something, and tells the kernel of it.</summary>
    public Task ChangeAsync(Action<PolicyIndex> change)
    {
        change(Index);
        return ApplyAsync(_table.TakeChanges());
    }

    /// <summary>What the kernel has.</summary>
    public Task<string> RulesAsync() => _node.RunAsync("", _token, "nft", "list", "ruleset");

    /// <summary>Adds to the node's rules.</summary>
    public Task AddRulesAsync(string rules) => _node.RunAsync(rules, _token, "nft", "-f", "-");

    public async Task<bool> ReachesAsync(string from, string to, int port = 80) =>
        await ReachesAsync(_hosts[from], _hosts[to].Address, port);

    public async Task<bool> ReachesAsync(PodEndpoint from, IPAddress to, int port)
    {
        using var connection = await from.ConnectAsync(to, port, _token);
        return connection is not null;
    }

    public Task<bool> AsksAsync(string from, string to, int port = 80) => _hosts[from].AsksAsync(_hosts[to].Address, port, _token);

    /// <summary>Those that reach a pod's port, by name and in order.</summary>
    public async Task<string> WhoReachesAsync(string to, int port = 80)
    {
        var others = _hosts.Keys.Where(name => name != to).ToList();
        var answers = await Task.WhenAll(others.Select(from => ReachesAsync(from, to, port)));
        return string.Join(' ', others.Where((_, i) => answers[i]).Order(StringComparer.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.Values)
        {
            await host.DisposeAsync();
        }
        await Node.DisposeAsync();
    }

    private Task<string> ApplyAsync(string script) => script.Length == 0 ? Task.FromResult("") : _node.RunAsync(script, _token, "nft", "-f", "-");
}
