using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Threading.Channels;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Network.Processes;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Overlay;

/// <summary>
/// A node's part of the pod network: keeps a route to the pods of every other node, as their Nodes say. It writes only what has changed, and finds at its
/// start what an earlier run left.
/// </summary>
/// <param name="client">Reads Nodes.</param>
/// <param name="options">What it has to be told.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Where it tells what it does.</param>
public sealed partial class OverlayHost(ApiClient client, OverlayOptions options, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>What VXLAN over IPv4 adds to a packet, in bytes: Ethernet 14, IP 20, UDP 8, VXLAN 8.</summary>
    public const int VxlanOverhead = 50;

    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(30);
    private readonly ILogger _logger = loggers.CreateLogger<OverlayHost>();
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Runs until cancelled; the routes stay, so that pods go on reaching each other.</summary>
    /// <exception cref="NetworkToolException">The kernel does not do what it has to.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var informers = new InformerFactory(client, time, loggers);
        var nodes = informers.Informer<Node>();
        nodes.AddHandler(new InformerHandler<Node>(_ => Wake(), (_, _) => Wake(), _ => Wake()));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = informers.RunAsync(ending.Token);
        var following = FollowAsync(nodes, informers, ending.Token);
        try
        {
            await await Task.WhenAny(watching, following);
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)Task.WhenAll(watching, following)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Wake() => _changes.Writer.TryWrite(true);

    private async Task FollowAsync(ILister<Node> nodes, InformerFactory informers, CancellationToken cancellationToken)
    {
        await informers.WaitForSyncAsync(cancellationToken);
        OverlayTable? known = null;
        while (true)
        {
            if (nodes.Get(new("", options.NodeName)) is { } own && Peer.PodCidrOf(own) is { } podCidr)
            {
                known = await FollowAsync(known, podCidr, PeersOf(nodes), cancellationToken);
            }
            if (!await WaitAsync(cancellationToken))
            {
                known = null; // now and then the kernel is asked: somebody else may have changed it
            }
        }
    }

    private async Task<OverlayTable?> FollowAsync(OverlayTable? known, IPNetwork podCidr, List<Peer> peers, CancellationToken cancellationToken)
    {
        if (options.Mode == OverlayMode.Vxlan)
        {
            if (peers.Count == 0 && !HasDevice(out _))
            {
                return null; // a cluster of one node needs no overlay
            }
            if (await EnsureDeviceAsync(podCidr, cancellationToken))
            {
                known = null; // a new device has no entries
            }
        }
        return await ApplyAsync(known ?? await ReadAsync(cancellationToken), peers, cancellationToken);
    }

    private bool HasDevice([NotNullWhen(true)] out NetworkInterface? device)
    {
        device = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(link => link.Name == options.Device);
        return device is not null;
    }

    /// <summary>Waits for a change.</summary>
    /// <returns>Whether there was one; otherwise the time is over.</returns>
    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(CheckEvery, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await _changes.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private List<Peer> PeersOf(ILister<Node> nodes) =>
        [.. nodes.List().Where(node => node.Metadata.Name != options.NodeName).Select(Peer.Of).OfType<Peer>()];

    private async Task<OverlayTable> ApplyAsync(OverlayTable known, List<Peer> peers, CancellationToken cancellationToken)
    {
        var wanted = OverlayTable.For(peers, options.Mode);
        var forwarding = OverlayTable.ForwardingCommands(known, wanted, options);
        var routes = OverlayTable.RouteCommands(known, wanted, options);
        if (forwarding.Length > 0)
        {
            await NetworkTool.RunCheckedAsync("bridge", ["-batch", "-"], forwarding, cancellationToken);
        }
        if (routes.Length > 0)
        {
            await NetworkTool.RunCheckedAsync("ip", ["-batch", "-"], routes, cancellationToken);
        }
        if (forwarding.Length > 0 || routes.Length > 0)
        {
            LogApplied(wanted.Routes.Count);
        }
        return wanted;
    }

    private async Task<OverlayTable> ReadAsync(CancellationToken cancellationToken)
    {
        var protocol = OverlayTable.Protocol.ToString(CultureInfo.InvariantCulture);
        var routes = await NetworkTool.RunCheckedAsync("ip", ["-json", "route", "show", "proto", protocol], "", cancellationToken);
        if (options.Mode == OverlayMode.HostGateway)
        {
            return OverlayTable.Parse(routes, "", "");
        }
        return OverlayTable.Parse(
            routes,
            await NetworkTool.RunCheckedAsync("ip", ["-json", "neigh", "show", "dev", options.Device, "nud", "permanent"], "", cancellationToken),
            await NetworkTool.RunCheckedAsync("bridge", ["-json", "fdb", "show", "dev", options.Device], "", cancellationToken));
    }

    /// <summary>Sees to the VXLAN interface: with the hardware address and the address that follow from this node's pod network.</summary>
    /// <returns>Whether it had to be made.</returns>
    private async Task<bool> EnsureDeviceAsync(IPNetwork podCidr, CancellationToken cancellationToken)
    {
        var hardware = Peer.HardwareAddressOf(podCidr);
        if (HasDevice(out var existing))
        {
            if (existing.GetPhysicalAddress().Equals(PhysicalAddress.Parse(hardware)))
            {
                return false;
            }
            await NetworkTool.RunCheckedAsync("ip", ["link", "delete", options.Device], "", cancellationToken);
        }
        var commands = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            link add {options.Device} mtu {MtuOf(IPAddress.Parse(options.NodeIP)) - VxlanOverhead} address {hardware} type vxlan id {options.NetworkIdentifier} dstport {options.Port} local {options.NodeIP} nolearning
            address add {podCidr.BaseAddress}/32 dev {options.Device}
            link set {options.Device} up

            """);
        await NetworkTool.RunCheckedAsync("ip", ["-batch", "-"], commands, cancellationToken);
        LogDevice(options.Device, podCidr.ToString());
        return true;
    }

    /// <summary>How large a packet may be, in bytes, on the link that has an address.</summary>
    /// <exception cref="NetworkToolException">No link has it.</exception>
    public static int MtuOf(IPAddress address)
    {
        var link = NetworkInterface.GetAllNetworkInterfaces()
                .FirstOrDefault(link => link.GetIPProperties().UnicastAddresses.Any(unicast => unicast.Address.Equals(address)))
            ?? throw new NetworkToolException($"no network interface has the node's address {address}");
        return int.Parse(File.ReadAllText($"/sys/class/net/{link.Name}/mtu"), CultureInfo.InvariantCulture);
    }

    [LoggerMessage(LogLevel.Information, "The pod network reaches {Count} other nodes")]
    private partial void LogApplied(int count);

    [LoggerMessage(LogLevel.Information, "Made {Device} for the pods of {PodCidr}")]
    private partial void LogDevice(string device, string podCidr);
}
