using System.Collections.Concurrent;
using System.Net;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Network.Dns.Zones;

/// <summary>Which namespace the pod of an address is in. Pods in the host's network share its address and are left out.</summary>
internal sealed class PodAddresses : IInformerHandler<Pod>
{
    private readonly ConcurrentDictionary<IPAddress, NamespaceOfPod> _pods = new();

    /// <summary>The namespace of the pod that has an address; null where none has.</summary>
    public string? NamespaceOf(IPAddress address) => _pods.TryGetValue(address, out var pod) ? pod.Namespace : null;

    public void OnAdded(Pod added)
    {
        foreach (var address in AddressesOf(added))
        {
            _pods[address] = new NamespaceOfPod(added.Metadata.Namespace ?? "", added.Metadata.Uid ?? "");
        }
    }

    public void OnUpdated(Pod previous, Pod current)
    {
        if (!previous.Status.PodIPs.Select(static ip => ip.Ip).SequenceEqual(current.Status.PodIPs.Select(static ip => ip.Ip))
            || IsOver(previous) != IsOver(current))
        {
            OnDeleted(previous);
            OnAdded(current);
        }
    }

    public void OnDeleted(Pod deleted)
    {
        foreach (var address in AddressesOf(deleted))
        {
            // By then the address may be another pod's already.
            _pods.TryRemove(new(address, new NamespaceOfPod(deleted.Metadata.Namespace ?? "", deleted.Metadata.Uid ?? "")));
        }
    }

    private static IEnumerable<IPAddress> AddressesOf(Pod pod)
    {
        if (pod.Spec.HostNetwork == true || IsOver(pod))
        {
            yield break;
        }
        foreach (var ip in pod.Status.PodIPs)
        {
            if (IPAddress.TryParse(ip.Ip, out var address))
            {
                yield return address;
            }
        }
    }

    private static bool IsOver(Pod pod) => pod.Status.Phase is "Succeeded" or "Failed";

    private readonly record struct NamespaceOfPod(string Namespace, string Uid);
}
