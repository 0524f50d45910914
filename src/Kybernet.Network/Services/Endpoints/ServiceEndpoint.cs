using Kybernet.Api.Discovery.V1;
using Kybernet.Network.Services.Rules;

namespace Kybernet.Network.Services.Endpoints;

/// <summary>Where a Service's port may lead.</summary>
/// <param name="Address">The address, in its canonical form.</param>
/// <param name="Port">The port there.</param>
/// <param name="IsLocal">Whether it is on this node.</param>
/// <param name="Conditions">How it is.</param>
/// <param name="Hints">For whom it is meant; null for everybody.</param>
internal sealed record ServiceEndpoint(string Address, int Port, bool IsLocal, EndpointConditions Conditions, EndpointHints? Hints)
{
    /// <summary>Whether it takes new connections. Nothing said means yes.</summary>
    public bool IsReady => Conditions.Ready ?? true;

    /// <summary>Whether it is about to end, and answers yet.</summary>
    public bool IsServingTerminating => Conditions.Terminating == true && (Conditions.Serving ?? IsReady);

    /// <summary>The endpoints of one port among a Service's slices, each once, in the order of their addresses.</summary>
    public static List<ServiceEndpoint> Of(IEnumerable<EndpointSlice> slices, IPFamily family, string portName, string protocol, string nodeName)
    {
        var found = new SortedDictionary<(string, int), ServiceEndpoint>();
        foreach (var slice in slices)
        {
            if (slice.AddressType != family.Name || PortOf(slice, portName, protocol) is not { } port)
            {
                continue;
            }
            foreach (var endpoint in slice.Endpoints)
            {
                if (endpoint.Addresses.Count > 0 && family.Canonical(endpoint.Addresses[0]) is { } address)
                {
                    found[(address, port)] = new ServiceEndpoint(
                        address, port, endpoint.NodeName == nodeName, endpoint.Conditions ?? new EndpointConditions(), endpoint.Hints);
                }
            }
        }
        return [.. found.Values];
    }

    private static int? PortOf(EndpointSlice slice, string name, string protocol)
    {
        foreach (var port in slice.Ports)
        {
            if ((port.Name ?? "") == name && (port.Protocol ?? "TCP") == protocol)
            {
                return port.Port;
            }
        }
        return null;
    }
}
