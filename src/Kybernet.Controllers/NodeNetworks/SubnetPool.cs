using System.Net;
using System.Numerics;

namespace Kybernet.Controllers.NodeNetworks;

/// <summary>Parts of one network, all of one size, that are given out and come back.</summary>
/// <param name="network">The whole.</param>
/// <param name="prefixLength">The size of a part.</param>
internal sealed class SubnetPool(IPNetwork network, int prefixLength)
{
    private readonly HashSet<BigInteger> _taken = [];

    // Parts are given out in turn, so that one that has just come back is not somebody else's at once.
    private BigInteger _next;

    private BigInteger Count => BigInteger.One << (prefixLength - network.PrefixLength);

    /// <summary>Takes any part that is free.</summary>
    /// <returns>The part; null where all are taken.</returns>
    public IPNetwork? TakeNext()
    {
        var count = Count;
        for (var tried = BigInteger.Zero; tried < count; tried++)
        {
            var index = (_next + tried) % count;
            if (_taken.Add(index))
            {
                _next = (index + 1) % count;
                return SubnetOf(index);
            }
        }
        return null;
    }

    /// <summary>Marks what somebody has as taken; what is not of this network is nobody's concern here.</summary>
    public void Take(IPNetwork subnet)
    {
        foreach (var index in IndexesOf(subnet))
        {
            _taken.Add(index);
        }
    }

    /// <summary>Gives a part back.</summary>
    public void Release(IPNetwork subnet)
    {
        foreach (var index in IndexesOf(subnet))
        {
            _taken.Remove(index);
        }
    }

    /// <summary>The parts that a network overlaps with: more than one where it is larger than a part.</summary>
    private IEnumerable<BigInteger> IndexesOf(IPNetwork subnet)
    {
        if (subnet.BaseAddress.AddressFamily != network.BaseAddress.AddressFamily || !network.Contains(subnet.BaseAddress))
        {
            yield break;
        }
        var first = (Number(subnet.BaseAddress) - Number(network.BaseAddress)) >> HostBits;
        var span = subnet.PrefixLength >= prefixLength ? BigInteger.One : BigInteger.One << (prefixLength - subnet.PrefixLength);
        for (var offset = BigInteger.Zero; offset < span; offset++)
        {
            yield return first + offset;
        }
    }

    private int HostBits => (network.BaseAddress.GetAddressBytes().Length * 8) - prefixLength;

    private IPNetwork SubnetOf(BigInteger index)
    {
        var length = network.BaseAddress.GetAddressBytes().Length;
        var bytes = (Number(network.BaseAddress) + (index << HostBits)).ToByteArray(isUnsigned: true, isBigEndian: true);
        var address = new byte[length];
        bytes.CopyTo(address.AsSpan(length - bytes.Length));
        return new IPNetwork(new IPAddress(address), prefixLength);
    }

    private static BigInteger Number(IPAddress address) => new(address.GetAddressBytes(), isUnsigned: true, isBigEndian: true);
}
