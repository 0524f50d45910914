using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Controllers.Endpoints.Hints;

namespace Kybernet.Controllers.Endpoints;

/// <summary>
/// Keeps a Service's EndpointSlices: at most a hundred endpoints each, by address family and by port numbers. An endpoint stays in its slice while it can,
/// so that one pod's change is one slice's change.
/// </summary>
internal sealed class EndpointSliceReconciler(
    ILister<Service> services,
    ILister<Pod> pods,
    ILister<Node> nodes,
    ILister<EndpointSlice> slices,
    EndpointSliceWriter writer,
    Expectations expectations,
    IEventRecorder events) : IReconciler
{
    private const string ServiceIndex = "service";
    private const int MaxEndpoints = 100;

    public static void AddIndex(IInformer<EndpointSlice> slices) =>
        slices.AddIndex(ServiceIndex, static slice => SliceLabels.ServiceOf(slice, SliceLabels.SliceController) is { } key ? [key.ToString()] : []);

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (services.Get(key) is not { Metadata.DeletionTimestamp: null } service || !service.HasEndpoints())
        {
            expectations.Forget(key); // the garbage collector takes the slices of a Service that is gone
            return Requeue.OnChange;
        }
        if (!expectations.Satisfied(key))
        {
            return Requeue.OnChange; // a slice that was just made is not in the cache yet: its coming wakes us
        }
        var known = slices.ByIndex(ServiceIndex, key.ToString()).Where(static slice => slice.Metadata.DeletionTimestamp is null).ToList();
        var wanted = new List<EndpointSlice>();
        IReadOnlyList<string> families = service.Spec.IpFamilies.Count > 0 ? service.Spec.IpFamilies : ["IPv4"];
        foreach (var family in families)
        {
            wanted.AddRange(Hint(service, family, known, [.. Fill(service, family, known)]));
        }
        await writer.WriteAsync(key, known, wanted, cancellationToken);
        return Requeue.OnChange;
    }

    /// <summary>Says which endpoints are meant for whom. The older annotation comes before <c>trafficDistribution</c>, as it does upstream.</summary>
    private IReadOnlyList<EndpointSlice> Hint(Service service, string family, List<EndpointSlice> known, IReadOnlyList<EndpointSlice> wanted)
    {
        if (!TopologyAwareHints.IsWanted(service))
        {
            return [.. wanted.Select(slice => TrafficDistributionHints.Apply(service, slice))];
        }
        var hinted = TopologyAwareHints.Apply(wanted, ZoneCapacity.Shares(nodes), out var obstacle);
        if (obstacle is not null)
        {
            events.Record(service, EventType.Warning, "TopologyAwareHintsDisabled", $"{obstacle}, addressType: {family}");
        }
        else if (!known.Any(static slice => slice.Endpoints.Any(static endpoint => endpoint.Hints is not null)))
        {
            events.Record(service, EventType.Normal, "TopologyAwareHintsEnabled", $"Topology Aware Hints has been enabled, addressType: {family}");
        }
        return hinted;
    }

    /// <summary>The slices that a family's endpoints are to be in: those there are, as far as they are needed, then new ones without a name.</summary>
    private IEnumerable<EndpointSlice> Fill(Service service, string family, List<EndpointSlice> known)
    {
        var groups = new Dictionary<string, (IReadOnlyList<Api.Discovery.V1.EndpointPort> Ports, List<Endpoint> Endpoints)>(StringComparer.Ordinal);
        foreach (var pod in ServicePods.Of(service, pods))
        {
            if (ServicePods.Address(pod, family) is { } address)
            {
                var ports = Ports(service, pod);
                var signature = SliceLabels.Signature(ports);
                if (!groups.TryGetValue(signature, out var group))
                {
                    groups.Add(signature, group = (ports, []));
                }
                group.Endpoints.Add(Describe(service, pod, address));
            }
        }
        if (groups.Count == 0)
        {
            groups.Add("", ([], [])); // one empty slice tells that there is nobody, rather than that nobody has looked
        }
        var filled = new List<EndpointSlice>();
        foreach (var (ports, endpoints) in groups.Values)
        {
            var candidates = known.Where(slice => slice.AddressType == family && SliceLabels.Signature(slice.Ports) == SliceLabels.Signature(ports)).ToList();
            filled.AddRange(Distribute(service, family, ports, endpoints, candidates));
        }
        return filled;
    }

    private static IEnumerable<EndpointSlice> Distribute(
        Service service, string family, IReadOnlyList<Api.Discovery.V1.EndpointPort> ports, List<Endpoint> endpoints, List<EndpointSlice> candidates)
    {
        var left = new Queue<Endpoint>();
        var contents = candidates.Select(static _ => new List<Endpoint>()).ToList();
        foreach (var endpoint in endpoints)
        {
            var index = candidates.FindIndex(slice => slice.Endpoints.Any(known => known.TargetRef?.Uid == endpoint.TargetRef?.Uid));
            if (index >= 0 && contents[index].Count < MaxEndpoints)
            {
                contents[index].Add(endpoint);
            }
            else
            {
                left.Enqueue(endpoint);
            }
        }
        while (left.Count > 0)
        {
            var room = contents.FindIndex(static content => content.Count < MaxEndpoints);
            if (room < 0)
            {
                room = contents.Count;
                contents.Add([]);
            }
            contents[room].Add(left.Dequeue());
        }
        if (contents.Count == 0)
        {
            contents.Add([]);
        }
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i].Count > 0 || i == 0)
            {
                var slice = i < candidates.Count
                    ? candidates[i]
                    : new EndpointSlice { Metadata = new ObjectMeta { GenerateName = service.Metadata.Name + "-", Namespace = service.Metadata.Namespace } };
                yield return slice with { AddressType = family, Ports = ports, Endpoints = contents[i], Metadata = Label(slice.Metadata, service) };
            }
        }
    }

    private static ObjectMeta Label(ObjectMeta metadata, Service service)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels, StringComparer.Ordinal)
        {
            [SliceLabels.Service] = service.Metadata.Name!,
            [SliceLabels.ManagedBy] = SliceLabels.SliceController,
        };
        if (service.IsHeadless())
        {
            labels[ServicePods.HeadlessLabel] = "";
        }
        var isSame = labels.Count == metadata.Labels.Count && labels.All(pair => metadata.Labels.GetValueOrDefault(pair.Key) == pair.Value);
        return metadata with
        {
            Labels = isSame ? metadata.Labels : labels,
            OwnerReferences = metadata.IsControlledBy(service) ? metadata.OwnerReferences : [OwnerReferences.ControllerOf(service)],
        };
    }

    private Endpoint Describe(Service service, Pod pod, string address)
    {
        var isTerminating = pod.Metadata.DeletionTimestamp is not null;
        var node = pod.Spec.NodeName is { Length: > 0 } name ? nodes.Get(new NamespacedName("", name)) : null;
        return new Endpoint
        {
            Addresses = [address],
            Conditions = new EndpointConditions
            {
                Ready = service.Spec.PublishNotReadyAddresses == true || (pod.IsReady() && !isTerminating),
                Serving = pod.IsReady(),
                Terminating = isTerminating,
            },
            Hostname = ServicePods.Hostname(pod, service),
            NodeName = pod.Spec.NodeName,
            Zone = node?.Metadata.Labels.GetValueOrDefault("topology.kubernetes.io/zone"),
            TargetRef = ServicePods.Reference(pod),
        };
    }

    private static IReadOnlyList<Api.Discovery.V1.EndpointPort> Ports(Service service, Pod pod)
    {
        var ports = new List<Api.Discovery.V1.EndpointPort>();
        foreach (var port in service.Spec.Ports)
        {
            if (ServicePods.TargetPort(pod, port) is { } number)
            {
                ports.Add(new Api.Discovery.V1.EndpointPort { Name = port.Name ?? "", Port = number, Protocol = port.Protocol ?? "TCP", AppProtocol = port.AppProtocol });
            }
        }
        return ports;
    }
}
