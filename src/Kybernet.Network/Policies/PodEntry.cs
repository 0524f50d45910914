using System.Net;
using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.Network.Policies;

/// <summary>What policies look at of a pod that has addresses of its own.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Ports">The ports of its containers that have a name.</param>
/// <param name="IsLocal">Whether it is on this node.</param>
internal sealed record PodEntry(
    NamespacedName Key, IReadOnlyDictionary<string, string> Labels, IReadOnlyList<IPAddress> Addresses, IReadOnlyList<NamedPort> Ports, bool IsLocal)
{
    /// <summary>What is to be known of a pod; null where it has no addresses of its own: none yet, none any more, or the node's.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="nodeName">This node.</param>
    /// <param name="announced">The addresses that this node's kubelet has told of, ahead of the pod's status.</param>
    public static PodEntry? Of(Pod pod, string nodeName, IReadOnlyList<IPAddress> announced)
    {
        if (pod.Spec.HostNetwork == true || pod.Status.Phase is "Succeeded" or "Failed")
        {
            return null;
        }
        var addresses = AddressesOf(pod);
        if (addresses.Count == 0)
        {
            addresses = announced;
        }
        return addresses.Count == 0
            ? null
            : new PodEntry(KeyOf(pod), pod.Metadata.Labels, addresses, PortsOf(pod), pod.Spec.NodeName == nodeName);
    }

    /// <summary>The name of a pod.</summary>
    public static NamespacedName KeyOf(Pod pod) => new(pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "");

    /// <summary>Whether another entry says the same: most changes of a pod are of no interest here.</summary>
    public bool SameAs(PodEntry other) =>
        IsLocal == other.IsLocal
        && Addresses.SequenceEqual(other.Addresses)
        && (ReferenceEquals(Labels, other.Labels) || (Labels.Count == other.Labels.Count && !Labels.Except(other.Labels).Any()))
        && Ports.SequenceEqual(other.Ports);

    private static IReadOnlyList<IPAddress> AddressesOf(Pod pod)
    {
        var addresses = new List<IPAddress>(2);
        foreach (var ip in pod.Status.PodIPs)
        {
            Add(addresses, ip.Ip);
        }
        if (addresses.Count == 0)
        {
            Add(addresses, pod.Status.PodIP);
        }
        return addresses;
    }

    private static void Add(List<IPAddress> addresses, string? text)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            addresses.Add(address);
        }
    }

    private static List<NamedPort> PortsOf(Pod pod)
    {
        var ports = new List<NamedPort>();
        foreach (var container in pod.Spec.Containers)
        {
            Add(ports, container);
        }
        foreach (var container in pod.Spec.InitContainers)
        {
            if (container.RestartPolicy == "Always")
            {
                Add(ports, container);
            }
        }
        return ports;
    }

    private static void Add(List<NamedPort> ports, Container container)
    {
        foreach (var port in container.Ports)
        {
            if (!string.IsNullOrEmpty(port.Name))
            {
                ports.Add(new NamedPort(port.Name, Protocols.Of(port.Protocol), port.ContainerPortValue));
            }
        }
    }
}
