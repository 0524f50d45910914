using System.Net;
using System.Net.Sockets;

namespace Kybernet.Network.Services.Rules;

/// <summary>A version of IP, with what nft calls its parts.</summary>
/// <param name="Name">As Services name it.</param>
/// <param name="Keyword">The name of its header.</param>
/// <param name="AddressType">The type of its addresses.</param>
/// <param name="Suffix">What tells the names of its maps and chains from those of the other.</param>
/// <param name="AddressFamily">As sockets name it.</param>
internal sealed record IPFamily(string Name, string Keyword, string AddressType, string Suffix, AddressFamily AddressFamily)
{
    /// <summary>Version 4.</summary>
    public static IPFamily V4 { get; } = new("IPv4", "ip", "ipv4_addr", "4", AddressFamily.InterNetwork);

    /// <summary>Version 6.</summary>
    public static IPFamily V6 { get; } = new("IPv6", "ip6", "ipv6_addr", "6", AddressFamily.InterNetworkV6);

    /// <summary>Both.</summary>
    public static IReadOnlyList<IPFamily> All { get; } = [V4, V6];

    /// <summary>Reads an address of this version, and writes it in the one form that the kernel's tables are compared by; null for anything else.</summary>
    public string? Canonical(string? address) =>
        IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily ? parsed.ToString() : null;
}
