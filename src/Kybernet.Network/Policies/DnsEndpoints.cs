using System.Globalization;
using Kybernet.Api.Discovery.V1;
using Kybernet.Client;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.Network.Policies;

/// <summary>Where the cluster's DNS answers, as far as it is processes of nodes, not pods.</summary>
internal static class DnsEndpoints
{
    /// <summary>The namespace of the DNS's Service.</summary>
    public const string Namespace = "kube-system";

    /// <summary>The slices of the DNS's Service.</summary>
    public static ListSelection Selection { get; } = new("kubernetes.io/service-name=kube-dns");

    /// <summary>The elements of the set of a family that a slice stands for.</summary>
    public static IEnumerable<(IPFamily Family, string Element)> ElementsOf(EndpointSlice slice)
    {
        foreach (var endpoint in slice.Endpoints)
        {
            if (endpoint.TargetRef?.Kind == "Pod")
            {
                continue;
            }
            foreach (var text in endpoint.Addresses)
            {
                if (!IPAddress.TryParse(text, out var address))
                {
                    continue; // a slice of names
                }
                foreach (var port in slice.Ports)
                {
                    if (port.Port is { } number)
                    {
                        yield return (IPFamily.Of(address), string.Create(CultureInfo.InvariantCulture, $"{address} . {number}"));
                    }
                }
            }
        }
    }
}
