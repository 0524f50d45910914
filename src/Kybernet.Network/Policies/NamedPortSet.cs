using System.Globalization;

namespace Kybernet.Network.Policies;

/// <summary>Where a port of some name is, of every pod that has one: each pod may have it elsewhere.</summary>
/// <param name="protocol">The port's protocol, as nft spells it.</param>
/// <param name="portName">The name.</param>
internal sealed class NamedPortSet(string protocol, string portName) : AddressSet($"{protocol} port {portName}")
{
    /// <inheritdoc/>
    public override string TypeOf(IPFamily family) => family.AddressType + " . inet_service";

    /// <inheritdoc/>
    public override IEnumerable<(IPFamily Family, string Element)> ElementsOf(PodEntry pod, IReadOnlyDictionary<string, string>? namespaceLabels)
    {
        foreach (var port in pod.Ports)
        {
            if (port.Protocol == protocol && port.Name == portName)
            {
                foreach (var address in pod.Addresses)
                {
                    yield return (IPFamily.Of(address), string.Create(CultureInfo.InvariantCulture, $"{address} . {port.Number}"));
                }
            }
        }
    }
}
