using System.Net;
using System.Text;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Zones;

/// <summary>Answers for names that spell a pod's address: <c>10-0-0-1.default.pod.cluster.local</c>. They are read, not looked up.</summary>
internal sealed class PodNames(ClusterNames names, ClusterZone zone, PodAddresses pods, uint ttl)
{
    /// <summary>Finds the address that a name spells.</summary>
    /// <param name="name">The name.</param>
    /// <param name="mode">Which names are answered.</param>
    /// <returns>The one record that the name has; null where the name does not exist.</returns>
    public ResourceRecord? Find(ReadOnlySpan<byte> name, PodRecords mode)
    {
        if (mode == PodRecords.Disabled || !WireName.IsWithin(name, names.Pods)
            || WireName.CountLabels(name) != WireName.CountLabels(names.Pods) + 2 || zone.Find(WireName.Parent(name)) is null)
        {
            return null;
        }
        if (!ClusterNames.TryReadDashed(Encoding.ASCII.GetString(name.Slice(1, name[0])), out var address) || !IsAnswered(name, address, mode))
        {
            return null;
        }
        return ResourceRecord.Address(name.ToArray(), ttl, address);
    }

    private bool IsAnswered(ReadOnlySpan<byte> name, IPAddress address, PodRecords mode)
    {
        if (mode == PodRecords.Insecure)
        {
            return true;
        }
        var @namespace = WireName.Parent(name);
        return pods.NamespaceOf(address) == Encoding.ASCII.GetString(@namespace.Slice(1, @namespace[0]));
    }
}
