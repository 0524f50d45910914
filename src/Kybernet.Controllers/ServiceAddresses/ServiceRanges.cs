using System.Net;
using Kybernet.Api.Networking.V1;
using Kybernet.Client;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.Controllers.ServiceAddresses;

/// <summary>Which ServiceCIDRs an address, or another range, lies in.</summary>
internal static class ServiceRanges
{
    /// <summary>The ServiceCIDRs that contain an address.</summary>
    public static IEnumerable<ServiceCIDR> Containing(this ILister<ServiceCIDR> ranges, IPAddress address) => ranges.List().Where(range => range.Contains(address));

    public static bool Contains(this ServiceCIDR range, IPAddress address) =>
        Networks(range).Any(network => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address));

    /// <summary>Whether each part of a ServiceCIDR lies in one of the others.</summary>
    public static bool IsCoveredByOthers(this ILister<ServiceCIDR> ranges, ServiceCIDR range)
    {
        var others = ranges.List().Where(other => other.Metadata.Name != range.Metadata.Name && other.Metadata.DeletionTimestamp is null).SelectMany(Networks).ToList();
        return Networks(range).All(network => others.Any(
            other => other.BaseAddress.AddressFamily == network.BaseAddress.AddressFamily && other.PrefixLength <= network.PrefixLength && other.Contains(network.BaseAddress)));
    }

    private static IEnumerable<IPNetwork> Networks(ServiceCIDR range)
    {
        foreach (var cidr in range.Spec.Cidrs)
        {
            if (IPNetwork.TryParse(cidr, out var network))
            {
                yield return network;
            }
        }
    }
}
