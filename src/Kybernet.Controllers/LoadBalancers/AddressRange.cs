using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Kybernet.Controllers.LoadBalancers;

/// <summary>Addresses that follow one another, both ends included.</summary>
/// <param name="Family">Their family.</param>
/// <param name="First">The first, as a number.</param>
/// <param name="Last">The last, as a number.</param>
internal sealed record AddressRange(AddressFamily Family, UInt128 First, UInt128 Last)
{
    /// <summary>Reads <c>192.0.2.0/28</c>, <c>192.0.2.10-192.0.2.20</c> or a single address.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AddressRange? range)
    {
        range = null;
        if (IPNetwork.TryParse(text, out var network))
        {
            var hosts = (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) - network.PrefixLength;
            var first = Number(network.BaseAddress);
            range = new AddressRange(network.BaseAddress.AddressFamily, first, first | (hosts == 128 ? UInt128.MaxValue : (UInt128.One << hosts) - 1));
            return true;
        }
        var ends = text.Split('-', StringSplitOptions.TrimEntries);
        if (ends.Length > 2 || !IPAddress.TryParse(ends[0], out var from) || !IPAddress.TryParse(ends[^1], out var to) || from.AddressFamily != to.AddressFamily)
        {
            return false;
        }
        range = new AddressRange(from.AddressFamily, Number(from), Number(to));
        return range.First <= range.Last;
    }

    public bool Contains(IPAddress address) => address.AddressFamily == Family && Number(address) >= First && Number(address) <= Last;

    public IEnumerable<IPAddress> Addresses()
    {
        for (var number = First; number < Last; number++)
        {
            yield return Address(number);
        }
        yield return Address(Last);
    }

    private static UInt128 Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        var own = address.GetAddressBytes();
        own.CopyTo(bytes[(16 - own.Length)..]);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private IPAddress Address(UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(Family == AddressFamily.InterNetwork ? bytes[12..] : bytes);
    }
}
