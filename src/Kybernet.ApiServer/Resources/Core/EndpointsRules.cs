using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>Endpoints: the addresses of a Service, as they were before EndpointSlices.</summary>
internal static class EndpointsRules
{
    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var subsets = item.As<Api.Core.V1.Endpoints>().Subsets;
        for (var i = 0; i < subsets.Count; i++)
        {
            var (subset, path) = (subsets[i], FieldPath.Of("subsets").Index(i));
            if (subset.Addresses.Count == 0 && subset.NotReadyAddresses.Count == 0)
            {
                errors.Required(path, "must specify `addresses` or `notReadyAddresses`");
            }
            Addresses(subset.Addresses, path.Child("addresses"), errors);
            Addresses(subset.NotReadyAddresses, path.Child("notReadyAddresses"), errors);
            for (var j = 0; j < subset.Ports.Count; j++)
            {
                Port(subset.Ports[j], path.Child("ports").Index(j), subset.Ports.Count > 1, errors);
            }
        }
    }

    private static void Addresses(IReadOnlyList<EndpointAddress> addresses, FieldPath list, FieldErrors errors)
    {
        for (var i = 0; i < addresses.Count; i++)
        {
            var (address, path) = (addresses[i], list.Index(i));
            var ip = errors.Ip(address.Ip, path.Child("ip"));
            errors.Name(address.Hostname, path, "hostname", NameRules.Label);
            errors.Name(address.NodeName, path, "nodeName", NameRules.Subdomain);
            if (ip is not null)
            {
                errors.NonSpecialIp(ip, address.Ip, path.Child("ip"));
            }
        }
    }

    private static void Port(EndpointPort port, FieldPath path, bool needsName, FieldErrors errors)
    {
        if (needsName)
        {
            errors.Needs(port.Name, path, "name");
        }
        errors.Name(port.Name, path, "name", NameRules.Label);
        errors.Port(port.Port, path, "port");
        errors.OneOf(port.Protocol, path, "protocol", ["SCTP", "TCP", "UDP"]);
        errors.Name(port.AppProtocol, path, "appProtocol", LabelRules.QualifiedName);
    }
}
