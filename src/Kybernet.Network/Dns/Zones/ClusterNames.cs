using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Zones;

/// <summary>How the Kubernetes DNS specification makes names.</summary>
/// <param name="domain">Where the cluster's names end, as in <c>cluster.local</c>.</param>
internal sealed class ClusterNames(string domain)
{
    public byte[] Origin { get; } = WireName.Parse(domain);

    /// <summary>Below it are the names of Services.</summary>
    public byte[] Services { get; } = WireName.Parse($"svc.{domain}");

    /// <summary>Below it are the names of pods.</summary>
    public byte[] Pods { get; } = WireName.Parse($"pod.{domain}");

    public byte[] NamespaceOfServices(string @namespace) => WireName.Parse($"{@namespace}.svc.{domain}");

    public byte[] NamespaceOfPods(string @namespace) => WireName.Parse($"{@namespace}.pod.{domain}");

    public byte[] Service(string @namespace, string name) => WireName.Parse($"{name}.{@namespace}.svc.{domain}");

    public byte[] Endpoint(string hostname, byte[] service) => WireName.Parse($"{hostname}.{WireName.ToText(service)}");

    public byte[] Port(string port, string protocol, byte[] service) =>
        WireName.Parse($"_{port}._{protocol.ToLowerInvariant()}.{WireName.ToText(service)}");

    public byte[] Of(string relative) => WireName.Parse($"{relative}.{domain}");

    /// <summary>An address as a label: <c>10-0-0-1</c>, <c>fd00--1</c>.</summary>
    public static string Dashed(IPAddress address) => address.ToString().Replace('.', '-').Replace(':', '-');

    /// <summary>The address that a pod's label spells, with dashes for its dots or colons.</summary>
    public static bool TryReadDashed(string label, out IPAddress address)
    {
        // Three dashes that stand for dots; whatever else reads as an address has colons.
        return (label.AsSpan().Count('-') == 3 && IPAddress.TryParse(label.Replace('-', '.'), out address!) && address.AddressFamily == AddressFamily.InterNetwork)
            || (IPAddress.TryParse(label.Replace('-', ':'), out address!) && address.AddressFamily == AddressFamily.InterNetworkV6);
    }

    /// <summary>The name that an address is looked up backwards by.</summary>
    public static byte[] Reverse(IPAddress address)
    {
        var bytes = address.GetAddressBytes().Reverse();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? WireName.Parse(string.Join('.', bytes) + ".in-addr.arpa")
            : WireName.Parse(string.Join('.', bytes.Select(static b => string.Create(CultureInfo.InvariantCulture, $"{b & 15:x}.{b >> 4:x}"))) + ".ip6.arpa");
    }
}
