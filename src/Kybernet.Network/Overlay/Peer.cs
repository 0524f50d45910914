using System.Net;
using System.Net.Sockets;
using Kybernet.Api.Core.V1;

namespace Kybernet.Network.Overlay;

/// <summary>Another node, as the pod network sees it.</summary>
/// <param name="NodeName">Its name.</param>
/// <param name="Address">Its own address.</param>
/// <param name="PodCidr">The network of its pods.</param>
internal sealed record Peer(string NodeName, IPAddress Address, IPNetwork PodCidr)
{
    /// <summary>The address of its end of the overlay: the first of its pod network, which no pod gets.</summary>
    public IPAddress Gateway => PodCidr.BaseAddress;

    /// <summary>
    /// The hardware address of its end. It follows from the network, so nobody needs to publish or ask for it; the first octet says that it was assigned
    /// locally.
    /// </summary>
    public string HardwareAddress => HardwareAddressOf(PodCidr);

    /// <summary>The hardware address of the end of a pod network.</summary>
    public static string HardwareAddressOf(IPNetwork podCidr)
    {
        var octets = podCidr.BaseAddress.GetAddressBytes();
        return $"0e:56:{octets[0]:x2}:{octets[1]:x2}:{octets[2]:x2}:{octets[3]:x2}";
    }

    /// <summary>What a Node says of itself; null as long as it has no address or no network for pods.</summary>
    public static Peer? Of(Node node) =>
        AddressOf(node) is { } address && PodCidrOf(node) is { } podCidr ? new Peer(node.Metadata.Name!, address, podCidr) : null;

    /// <summary>The IPv4 network of a Node's pods; null as long as it has none.</summary>
    public static IPNetwork? PodCidrOf(Node node)
    {
        foreach (var text in node.Spec.PodCIDRs.Count > 0 ? node.Spec.PodCIDRs : [node.Spec.PodCIDR ?? ""])
        {
            if (IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork)
            {
                return network;
            }
        }
        return null;
    }

    private static IPAddress? AddressOf(Node node)
    {
        foreach (var address in node.Status.Addresses)
        {
            if (address.Type == "InternalIP" && IPAddress.TryParse(address.Address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork)
            {
                return parsed;
            }
        }
        return null;
    }
}
