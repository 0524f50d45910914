using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Kybernet.Api.Validation;

namespace Kybernet.Cluster.Node;

/// <summary>What this machine's network looks like, before pods are added to it.</summary>
internal static class HostNetwork
{
    /// <summary>The prefixes that clusters on one machine take their pods' addresses from, in turn.</summary>
    private static readonly IReadOnlyList<string> PodCidrs = [.. Enumerable.Range(244, 12).Select(static second => $"10.{second}.0.0/16")];

    /// <summary>The networks that clusters on one machine take their Services' addresses from, in turn.</summary>
    private static readonly IReadOnlyList<string> ServiceCidrs = [.. Enumerable.Range(96, 16).Select(static second => $"10.{second}.0.0/16")];

    /// <summary>The machine's own addresses, those of its loopback, its bridges and links without a network left out.</summary>
    public static IReadOnlyList<IPAddress> Addresses() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(static link => link.OperationalStatus == OperationalStatus.Up
                && link.NetworkInterfaceType != NetworkInterfaceType.Loopback
                && !link.Name.StartsWith("kyb-", StringComparison.Ordinal)
                && !IsPodLink(link.Name))
            .SelectMany(static link => link.GetIPProperties().UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .Where(static address => !address.IsIPv6LinkLocal && !IPAddress.IsLoopback(address))
            .Distinct(),
    ];

    /// <summary>An address of a documentation range: what leads there is the default route.</summary>
    private static readonly IPAddress Elsewhere = IPAddress.Parse("203.0.113.1");

    /// <summary>The address that the node is known by: that of the link with the default route, as far as there is one.</summary>
    public static IPAddress NodeAddress() => NodeAddress(Elsewhere);

    /// <summary>The address that a node is known by among those that are reached as some destination is.</summary>
    public static IPAddress NodeAddress(IPAddress destination)
    {
        // Connecting a datagram socket sends nothing: it makes the kernel choose the source address.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(new IPEndPoint(destination, 9));
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            // No default route: a machine without a network is still a node.
            return Addresses().FirstOrDefault(static address => address.AddressFamily == AddressFamily.InterNetwork) ?? IPAddress.Loopback;
        }
    }

    /// <summary>Addresses for a cluster's pods that no other network of this machine overlaps with.</summary>
    /// <param name="routes">The machine's routes, as <c>/proc/net/route</c> has them.</param>
    /// <param name="overlay">The cluster's own overlay, whose addresses are its own.</param>
    /// <param name="kept">The addresses of the last start, which are kept unless another network has taken them since; null at the first.</param>
    /// <param name="claim">Takes a network, so that no other cluster does at the same moment; answers whether it could.</param>
    public static string ChoosePodCidr(string routes, string overlay, string? kept, Func<string, bool> claim)
    {
        var taken = ParseRoutes(routes, overlay);
        return PodCidrs.Prepend(kept).OfType<string>()
                .FirstOrDefault(candidate => !taken.Any(network => Overlap(network, IPNetwork.Parse(candidate))) && claim(candidate))
            ?? throw new ClusterException("every network from 10.244.0.0/16 to 10.255.0.0/16 is in use on this machine")
            {
                Hint = "Stop a cluster that is not needed: kybernet down --data-dir DIR",
            };
    }

    /// <summary>Addresses for Services that no other cluster of this machine has: the same kernel leads both clusters' connections to their endpoints.</summary>
    /// <param name="kept">Those of the last start, or that were asked for: Services have addresses of it, so it does not change. Null at the first.</param>
    /// <param name="claim">Takes a network, so that no other cluster does; answers whether it could.</param>
    public static string ChooseServiceCidr(string? kept, Func<string, bool> claim) => ServiceCidrs.Prepend(kept).OfType<string>()
            .FirstOrDefault(candidate => claim(candidate) || candidate == kept)
        ?? throw new ClusterException($"every network from {ServiceCidrs[0]} to {ServiceCidrs[^1]} is another cluster's")
        {
            Hint = "Stop a cluster that is not needed: kybernet down --data-dir DIR. Or choose one: --service-cidr CIDR",
        };

    /// <summary>A name for the node: this machine's, as far as it is one that Kubernetes accepts.</summary>
    public static string NodeName()
    {
        var name = new string([.. Environment.MachineName.ToLowerInvariant().Select(static c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-')]);
        name = name.Trim('-', '.');
        return name.Length == 0 ? "node" : name;
    }

    /// <summary>Refuses what Kubernetes would not accept as a node's name.</summary>
    /// <exception cref="ClusterException">It would not.</exception>
    public static void CheckNodeName(string name)
    {
        if (Names.Dns1123Subdomain(name).Count > 0)
        {
            throw new ClusterException($"\"{name}\" cannot be a node's name")
            {
                Hint = "A node's name has lower case letters, digits, '-' and '.', and begins and ends with a letter or digit.",
            };
        }
    }

    /// <summary>A TCP port of this machine that is free: the preferred one, or any where that is taken.</summary>
    public static int ChoosePort(int preferred)
    {
        if (IsFree(preferred))
        {
            return preferred;
        }
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    /// <summary>Whether nothing listens on a TCP port.</summary>
    public static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Reads <c>/proc/net/route</c>: addresses are hexadecimal, in the machine's own order of bytes.</summary>
    private static List<IPNetwork> ParseRoutes(string routes, string exceptFor)
    {
        var networks = new List<IPNetwork>();
        foreach (var line in routes.Split('\n').Skip(1))
        {
            var fields = line.Split('\t');
            if (fields.Length < 8 || fields[0] == exceptFor || IsPodLink(fields[0]))
            {
                continue;
            }
            var address = new IPAddress(uint.Parse(fields[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            var mask = uint.Parse(fields[7], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (mask != 0)
            {
                networks.Add(new IPNetwork(address, System.Numerics.BitOperations.PopCount(mask)));
            }
        }
        return networks;
    }

    /// <summary>Whether an interface leads to a pod: whose cluster it is, and so which network it takes up, the claims say.</summary>
    private static bool IsPodLink(string name) => name.StartsWith("veth", StringComparison.Ordinal);

    private static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);
}
