using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Endpoints;

/// <summary>Keeps a Service's Endpoints: the older form of EndpointSlices, all in one object and cut off at a thousand.</summary>
internal sealed class EndpointsReconciler(ApiClient client, ILister<Service> services, ILister<Pod> pods, ILister<Api.Core.V1.Endpoints> endpoints) : IReconciler
{
    private const string ManagedByLabel = "endpoints.kubernetes.io/managed-by";
    private const string Manager = "endpoint-controller";

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (services.Get(key) is not { } service)
        {
            // Nothing owns Endpoints but the name that they share with their Service.
            await client.DeleteAsync<Api.Core.V1.Endpoints>(key.Namespace, key.Name, DeleteOptions.Empty, cancellationToken);
            return Requeue.OnChange;
        }
        if (service.Metadata.DeletionTimestamp is not null || !service.HasEndpoints())
        {
            return Requeue.OnChange;
        }
        var known = endpoints.Get(key);
        var (subsets, isTruncated) = EndpointsCapacity.Fit(Subsets(service));
        var wanted = (known ?? new Api.Core.V1.Endpoints { Metadata = new ObjectMeta { Namespace = key.Namespace, Name = key.Name } }) with { Subsets = subsets };
        var metadata = wanted.Metadata;
        wanted = wanted with { Metadata = metadata with { Labels = Labels(service, metadata.Labels), Annotations = Annotations(isTruncated, metadata.Annotations) } };
        if (known is not null && ModelJson.Same(known, wanted))
        {
            return Requeue.OnChange;
        }
        try
        {
            _ = known is null ? await client.CreateAsync(wanted, cancellationToken) : await client.UpdateAsync(wanted, cancellationToken);
        }
        catch (ApiException exception) when (PodControl.IsNamespaceTerminating(exception))
        {
            // it goes with everything else there
        }
        return Requeue.OnChange;
    }

    private static IReadOnlyDictionary<string, string> Labels(Service service, IReadOnlyDictionary<string, string> known)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels, StringComparer.Ordinal) { [ManagedByLabel] = Manager };
        if (service.IsHeadless())
        {
            labels[ServicePods.HeadlessLabel] = "";
        }
        return labels.Count == known.Count && labels.All(pair => known.GetValueOrDefault(pair.Key) == pair.Value) ? known : labels;
    }

    private static IReadOnlyDictionary<string, string> Annotations(bool isTruncated, IReadOnlyDictionary<string, string> known)
    {
        if (isTruncated == (known.GetValueOrDefault(EndpointsCapacity.Annotation) == EndpointsCapacity.Truncated))
        {
            return known;
        }
        var annotations = new Dictionary<string, string>(known, StringComparer.Ordinal);
        annotations.Remove(EndpointsCapacity.Annotation);
        if (isTruncated)
        {
            annotations[EndpointsCapacity.Annotation] = EndpointsCapacity.Truncated;
        }
        return annotations;
    }

    /// <summary>Pods with the same port numbers share a subset, its addresses in order.</summary>
    private IReadOnlyList<EndpointSubset> Subsets(Service service)
    {
        var family = service.Spec.IpFamilies.Count > 0 ? service.Spec.IpFamilies[0] : "IPv4";
        var groups = new SortedDictionary<string, (IReadOnlyList<EndpointPort> Ports, List<EndpointAddress> Ready, List<EndpointAddress> NotReady)>(StringComparer.Ordinal);
        foreach (var pod in ServicePods.Of(service, pods))
        {
            if (pod.Metadata.DeletionTimestamp is not null || ServicePods.Address(pod, family) is not { } ip)
            {
                continue; // clients of this form know nothing of endpoints that are going
            }
            var ports = Ports(service, pod);
            if (ports.Count == 0 && service.Spec.Ports.Count > 0)
            {
                continue;
            }
            var signature = string.Join(',', ports.Select(static port => $"{port.Name}/{port.Port}/{port.Protocol}"));
            if (!groups.TryGetValue(signature, out var group))
            {
                groups.Add(signature, group = (ports, [], []));
            }
            var address = new EndpointAddress
            {
                Ip = ip,
                NodeName = pod.Spec.NodeName,
                Hostname = ServicePods.Hostname(pod, service),
                TargetRef = ServicePods.Reference(pod),
            };
            (service.Spec.PublishNotReadyAddresses == true || pod.IsReady() ? group.Ready : group.NotReady).Add(address);
        }
        return [.. groups.Values.Select(static group => new EndpointSubset
        {
            Addresses = [.. group.Ready.OrderBy(static address => address.Ip, StringComparer.Ordinal)],
            NotReadyAddresses = [.. group.NotReady.OrderBy(static address => address.Ip, StringComparer.Ordinal)],
            Ports = group.Ports,
        })];
    }

    private static IReadOnlyList<EndpointPort> Ports(Service service, Pod pod)
    {
        var ports = new List<EndpointPort>();
        foreach (var port in service.Spec.Ports)
        {
            if (ServicePods.TargetPort(pod, port) is { } number)
            {
                ports.Add(new EndpointPort { Name = port.Name, Port = number, Protocol = port.Protocol ?? "TCP", AppProtocol = port.AppProtocol });
            }
        }
        return ports;
    }
}
