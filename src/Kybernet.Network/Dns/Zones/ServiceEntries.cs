using System.Net;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Zones;

/// <summary>What a Service and its endpoints have to say: the names of the Kubernetes DNS specification 1.1.</summary>
/// <param name="names">How names are made.</param>
/// <param name="ttl">For how many seconds answers may be kept.</param>
internal sealed class ServiceEntries(ClusterNames names, uint ttl)
{
    private const string HeadlessAddress = "None";

    /// <summary>The entries of a Service.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="slices">Its EndpointSlices.</param>
    public IReadOnlyList<ZoneEntry> Of(Service service, IReadOnlyList<EndpointSlice> slices)
    {
        var name = names.Service(service.Metadata.Namespace ?? "", service.Metadata.Name ?? "");
        var records = new List<ResourceRecord>();
        if (service.Spec.Type == "ExternalName")
        {
            AddExternalName(name, service.Spec.ExternalName ?? "", records);
        }
        else if (service.Spec.ClusterIP == HeadlessAddress)
        {
            AddHeadless(name, service, slices, records);
        }
        else
        {
            AddClusterIPs(name, service.Spec, records);
        }
        return Group(records);
    }

    private void AddExternalName(byte[] name, string target, List<ResourceRecord> records)
    {
        if (IPAddress.TryParse(target, out var address))
        {
            records.Add(ResourceRecord.Address(name, ttl, address));
        }
        else if (target.Length > 0 && WireName.TryParse(target, out var alias))
        {
            records.Add(ResourceRecord.Name(name, RecordType.Cname, ttl, alias));
        }
    }

    private void AddClusterIPs(byte[] name, ServiceSpec spec, List<ResourceRecord> records)
    {
        IReadOnlyList<string> addresses = spec.ClusterIPs.Count > 0 ? spec.ClusterIPs : spec.ClusterIP is { Length: > 0 } one ? [one] : [];
        foreach (var text in addresses)
        {
            if (IPAddress.TryParse(text, out var address))
            {
                records.Add(ResourceRecord.Address(name, ttl, address));
                records.Add(ResourceRecord.Name(ClusterNames.Reverse(address), RecordType.Ptr, ttl, name));
            }
        }
        if (records.Count == 0)
        {
            return;
        }
        foreach (var port in spec.Ports)
        {
            AddPort(name, name, port.Name, port.Protocol, port.Port, records);
        }
    }

    private void AddHeadless(byte[] name, Service service, IReadOnlyList<EndpointSlice> slices, List<ResourceRecord> records)
    {
        var isReadyOrNot = service.Spec.PublishNotReadyAddresses == true;
        foreach (var slice in slices)
        {
            foreach (var endpoint in slice.Endpoints)
            {
                if (endpoint.Conditions?.Ready == false && !isReadyOrNot)
                {
                    continue;
                }
                foreach (var text in endpoint.Addresses)
                {
                    if (IPAddress.TryParse(text, out var address)) // others are names, in slices of the type FQDN
                    {
                        AddEndpoint(name, endpoint, slice, address, records);
                    }
                }
            }
        }
    }

    private void AddEndpoint(byte[] service, Endpoint endpoint, EndpointSlice slice, IPAddress address, List<ResourceRecord> records)
    {
        var name = names.Endpoint(endpoint.Hostname is { Length: > 0 } hostname ? hostname : ClusterNames.Dashed(address), service);
        records.Add(ResourceRecord.Address(service, ttl, address));
        records.Add(ResourceRecord.Address(name, ttl, address));
        if (endpoint.Hostname is { Length: > 0 })
        {
            records.Add(ResourceRecord.Name(ClusterNames.Reverse(address), RecordType.Ptr, ttl, name));
        }
        foreach (var port in slice.Ports)
        {
            AddPort(service, name, port.Name, port.Protocol, port.Port, records);
        }
    }

    /// <summary>SRV records: below the port's own name, where it has one, and below the Service's, as CoreDNS has them too.</summary>
    private void AddPort(byte[] service, byte[] target, string? name, string? protocol, int? number, List<ResourceRecord> records)
    {
        if (number is not { } port)
        {
            return;
        }
        records.Add(ResourceRecord.Srv(service, ttl, (ushort)port, target));
        if (name is { Length: > 0 })
        {
            records.Add(ResourceRecord.Srv(names.Port(name, protocol ?? "TCP", service), ttl, (ushort)port, target));
        }
    }

    /// <summary>One entry a name, no record twice: two slices (or two families) may well say the same.</summary>
    private static List<ZoneEntry> Group(List<ResourceRecord> records)
    {
        var groups = new Dictionary<byte[], List<ResourceRecord>>(WireNameComparer.Instance);
        foreach (var record in records)
        {
            if (!groups.TryGetValue(record.Owner, out var group))
            {
                groups.Add(record.Owner, group = []);
            }
            group.Add(record);
        }
        return [.. groups.Select(static group => new ZoneEntry(group.Key, Distinct(group.Value)))];
    }

    private static List<ResourceRecord> Distinct(List<ResourceRecord> group)
    {
        var seen = new HashSet<byte[]>(WireNameComparer.Instance);
        var distinct = group.FindAll(record => seen.Add([(byte)record.Type, .. record.Data]));
        var services = distinct.Count(static record => record.Type == RecordType.Srv);
        // Clients spread over SRV records by their weights, which say "alike".
        var weight = (ushort)Math.Max(1, services == 0 ? 0 : 100 / services);
        return distinct.ConvertAll(record => record.Type == RecordType.Srv ? record.WithWeight(weight) : record);
    }
}
