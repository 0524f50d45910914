using System.Net;
using System.Net.Sockets;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Endpoints;

/// <summary>Endpoints in the form of slices: one for each address family and set of ports.</summary>
/// <param name="Slices">The slices, without names.</param>
/// <param name="Invalid">How many addresses were left out because they are none.</param>
/// <param name="Surplus">How many were left out because a subset has too many.</param>
internal sealed record EndpointsMirror(IReadOnlyList<EndpointSlice> Slices, int Invalid, int Surplus)
{
    public const int MaxAddresses = 1000;

    private const string TriggerTimeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";
    private const string LastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

    public static EndpointsMirror Of(Api.Core.V1.Endpoints original)
    {
        var groups = new SortedDictionary<string, (string Family, IReadOnlyList<Api.Discovery.V1.EndpointPort> Ports, SortedDictionary<string, Endpoint> Endpoints)>(StringComparer.Ordinal);
        var (invalid, surplus) = (0, 0);
        foreach (var subset in original.Subsets)
        {
            IReadOnlyList<Api.Discovery.V1.EndpointPort> ports = [.. subset.Ports.Select(PortOf)];
            var taken = 0;
            foreach (var (address, isReady) in subset.Addresses.Select(static address => (address, true)).Concat(subset.NotReadyAddresses.Select(static address => (address, false))))
            {
                if (taken >= MaxAddresses)
                {
                    surplus++;
                    continue;
                }
                if (!IPAddress.TryParse(address.Ip, out var parsed))
                {
                    invalid++;
                    continue;
                }
                taken++;
                var family = parsed.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";
                var key = $"{family} {SliceLabels.Signature(ports)}";
                if (!groups.TryGetValue(key, out var group))
                {
                    groups.Add(key, group = (family, ports, new SortedDictionary<string, Endpoint>(StringComparer.Ordinal)));
                }
                group.Endpoints.TryAdd(parsed.ToString(), EndpointOf(address, parsed, isReady));
            }
        }
        return new EndpointsMirror(
            [.. groups.Values.Select(group => SliceOf(original, group.Family, group.Ports, [.. group.Endpoints.Values.Take(MaxAddresses)]))], invalid, surplus);
    }

    /// <summary>A slice that is there, with the contents of one that is to be.</summary>
    public static EndpointSlice Onto(EndpointSlice known, EndpointSlice wanted) => known with
    {
        Ports = wanted.Ports,
        Endpoints = wanted.Endpoints,
        Metadata = known.Metadata with
        {
            Labels = wanted.Metadata.Labels,
            Annotations = wanted.Metadata.Annotations,
            OwnerReferences = wanted.Metadata.OwnerReferences,
        },
    };

    private static EndpointSlice SliceOf(
        Api.Core.V1.Endpoints original, string family, IReadOnlyList<Api.Discovery.V1.EndpointPort> ports, IReadOnlyList<Endpoint> endpoints) => new()
    {
        AddressType = family,
        Ports = ports,
        Endpoints = endpoints,
        Metadata = new ObjectMeta
        {
            GenerateName = original.Metadata.Name + "-",
            Namespace = original.Metadata.Namespace,
            Labels = new Dictionary<string, string>(original.Metadata.Labels, StringComparer.Ordinal)
            {
                [SliceLabels.Service] = original.Metadata.Name!,
                [SliceLabels.ManagedBy] = SliceLabels.MirroringController,
            },
            Annotations = original.Metadata.Annotations
                .Where(static pair => pair.Key is not (TriggerTimeAnnotation or LastAppliedAnnotation))
                .ToDictionary(StringComparer.Ordinal),
            OwnerReferences = [OwnerReferences.ControllerOf(original)],
        },
    };

    private static Endpoint EndpointOf(EndpointAddress address, IPAddress parsed, bool isReady) => new()
    {
        Addresses = [parsed.ToString()],
        Conditions = new EndpointConditions { Ready = isReady },
        NodeName = address.NodeName,
        Hostname = string.IsNullOrEmpty(address.Hostname) ? null : address.Hostname,
        TargetRef = address.TargetRef,
    };

    private static Api.Discovery.V1.EndpointPort PortOf(Api.Core.V1.EndpointPort port) => new()
    {
        Name = port.Name ?? "", Port = port.Port, Protocol = port.Protocol ?? "TCP", AppProtocol = port.AppProtocol,
    };
}
