using System.Diagnostics;

namespace Kybernet.EndToEnd.Fixture;

/// <summary>Network namespaces on one switch: each is to a node what a machine would be.</summary>
internal sealed class NodeNamespaces : IAsyncDisposable
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    private readonly string _prefix = $"kybt{Guid.NewGuid().ToString("N")[..8]}-";
    private readonly int _count;

    private NodeNamespaces(int count) => _count = count;

    /// <summary>Makes them: number <c>i</c> (from 1) has the address 10.77.0.i.</summary>
    public static async Task<NodeNamespaces> CreateAsync(int count, CancellationToken cancellationToken)
    {
        var namespaces = new NodeNamespaces(count);
        var p = namespaces._prefix;
        await RunAsync(
            $"ip netns add {p}switch && ip -n {p}switch link add br0 type bridge && ip -n {p}switch link set br0 up", cancellationToken);
        for (var i = 1; i <= count; i++)
        {
            await RunAsync(
                $"""
                set -e
                ip netns add {p}{i}
                ip -n {p}{i} link set lo up
                ip -n {p}switch link add port{i} type veth peer name eth0 netns {p}{i}
                ip -n {p}switch link set port{i} master br0 up
                ip -n {p}{i} address add 10.77.0.{i}/24 dev eth0
                ip -n {p}{i} link set eth0 up
                ip -n {p}{i} route add default via 10.77.0.254
                """,
                cancellationToken);
        }
        return namespaces;
    }

    /// <summary>Runs a program in one of them; its mounts are the machine's.</summary>
    public Task<Result> RunInAsync(int node, CancellationToken cancellationToken, string program, params IReadOnlyList<string> arguments) =>
        Shell.RunAsync("nsenter", [$"--net=/run/netns/{_prefix}{node}", program, .. arguments], "", NoEnvironment, cancellationToken);

    /// <summary>Starts a program in one of them that goes on until it is ended.</summary>
    public Process StartIn(int node, string program, params IReadOnlyList<string> arguments) =>
        Shell.Start("nsenter", [$"--net=/run/netns/{_prefix}{node}", program, .. arguments], NoEnvironment);

    /// <summary>Pulls a node's plug, or puts it in again.</summary>
    public Task ConnectAsync(int node, bool isConnected, CancellationToken cancellationToken) =>
        RunAsync($"ip -n {_prefix}switch link set port{node} {(isConnected ? "up" : "down")}", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        for (var i = 1; i <= _count; i++)
        {
            await RunAsync($"ip netns delete {_prefix}{i}", CancellationToken.None);
        }
        await RunAsync($"ip netns delete {_prefix}switch", CancellationToken.None);
    }

    private static async Task RunAsync(string script, CancellationToken cancellationToken) =>
        (await Shell.RunAsync("/bin/sh", ["-c", script], "", NoEnvironment, cancellationToken)).Succeeded();
}
