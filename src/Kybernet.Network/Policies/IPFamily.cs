using System.Net;
using System.Net.Sockets;

namespace Kybernet.Network.Policies;

/// <summary>A version of the internet protocol, as nft spells it. A set holds addresses of one only.</summary>
/// <param name="Version">The number, the end of the names of sets.</param>
/// <param name="Header">The header's name.</param>
/// <param name="AddressType">The type of an address.</param>
internal sealed record IPFamily(string Version, string Header, string AddressType)
{
    private static readonly IPFamily V4 = new("4", "ip", "ipv4_addr");
    private static readonly IPFamily V6 = new("6", "ip6", "ipv6_addr");

    /// <summary>Both.</summary>
    public static IReadOnlyList<IPFamily> All { get; } = [V4, V6];

    /// <summary>That of an address.</summary>
    public static IPFamily Of(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? V6 : V4;
}
