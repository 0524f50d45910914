using System.Net;
using System.Net.Sockets;
using Kybernet.Api;
using Kybernet.Api.Networking.V1;
using Kybernet.ApiServer.Authorization;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.ApiServer.Admission.Services;

/// <summary>Where Services' addresses come from: the range that the server was started with, and those of ServiceCIDRs that are not about to go.</summary>
/// <param name="own">The server's own range.</param>
internal sealed class ServiceAddressRanges(IPNetwork own) : IObjectObserver
{
    /// <summary>So many addresses are looked at in a range at the most: enough for any cluster, and an IPv6 range has more than can be counted.</summary>
    private const int MaxHostBits = 20;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, IReadOnlyList<IPNetwork>> _byName = new(StringComparer.Ordinal);
    private readonly Random _random = new();

    /// <summary>Whether there is a range of a family.</summary>
    public bool Has(AddressFamily family) => All().Any(range => range.BaseAddress.AddressFamily == family);

    /// <summary>Whether an address is in a range.</summary>
    public bool Contains(IPAddress address) => All().Any(range => range.BaseAddress.AddressFamily == address.AddressFamily && range.Contains(address));

    /// <summary>The ranges of a family, as messages list them.</summary>
    public string Describe(AddressFamily family) => string.Join(", ", All().Where(range => range.BaseAddress.AddressFamily == family));

    /// <summary>
    /// Addresses to try, one range after another: random ones of the upper part of each, for the lower is left to those who choose their own (KEP-3070).
    /// </summary>
    public IEnumerable<IPAddress> Candidates(AddressFamily family)
    {
        foreach (var range in All().Where(range => range.BaseAddress.AddressFamily == family))
        {
            var bits = (family == AddressFamily.InterNetwork ? 32 : 128) - range.PrefixLength;
            var size = 1L << Math.Min(MaxHostBits, bits);
            var reserved = Math.Min(Math.Max(16, size / 16), 256);
            if (size <= reserved + 2)
            {
                reserved = 0;
            }
            var span = size - 2 - reserved;
            var start = span > 0 ? _random.NextInt64(span) : 0;
            for (var i = 0L; i < span; i++)
            {
                yield return Hosting.ServiceRange.At(range, (int)(1 + reserved + ((start + i) % span)));
            }
        }
    }

    /// <inheritdoc/>
    public void OnChanged(EncodedObject item)
    {
        var range = item.As<ServiceCIDR>();
        lock (_gate)
        {
            if (range.Metadata.DeletionTimestamp is not null)
            {
                _byName.Remove(item.Key.Name);
                return;
            }
            var networks = new List<IPNetwork>();
            foreach (var cidr in range.Spec.Cidrs)
            {
                if (IPNetwork.TryParse(cidr, out var network))
                {
                    networks.Add(network);
                }
            }
            _byName[item.Key.Name] = networks;
        }
    }

    /// <inheritdoc/>
    public void OnDeleted(EncodedObject item)
    {
        lock (_gate)
        {
            _byName.Remove(item.Key.Name);
        }
    }

    private List<IPNetwork> All()
    {
        lock (_gate)
        {
            return [.. _byName.Values.SelectMany(static networks => networks).Prepend(own).Distinct()];
        }
    }
}
