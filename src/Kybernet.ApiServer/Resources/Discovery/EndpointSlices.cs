using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Discovery;

/// <summary>EndpointSlices.</summary>
internal static class EndpointSlices
{
    private const int Shown = 3;
    private const int MaxEndpoints = 1000;
    private const int MaxPorts = 100;
    private static readonly string[] AddressTypes = ["FQDN", "IPv4", "IPv6"];

    public static TableDefinition Table { get; } = TableBuilder.For<EndpointSlice>()
        .Name()
        .Text("AddressType", "What sort of addresses the endpoints have.", static item => item.AddressType)
        .Text("Ports", "The ports of every endpoint.", static item => Some(item.Ports.Select(port => port.Port?.ToString(CultureInfo.InvariantCulture) ?? "*").ToList()))
        .Text("Endpoints", "The addresses of the endpoints.", static item => Some(item.Endpoints.SelectMany(endpoint => endpoint.Addresses).ToList()))
        .Age()
        .Build();

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var slice = item.As<EndpointSlice>();
        if (slice.AddressType.Length == 0)
        {
            errors.Required(FieldPath.Of("addressType"));
        }
        else if (Array.IndexOf(AddressTypes, slice.AddressType) < 0)
        {
            errors.NotSupported(FieldPath.Of("addressType"), slice.AddressType, AddressTypes);
        }
        if (slice.Endpoints.Count > MaxEndpoints)
        {
            errors.TooMany(FieldPath.Of("endpoints"), slice.Endpoints.Count, MaxEndpoints);
            return;
        }
        for (var i = 0; i < slice.Endpoints.Count; i++)
        {
            Endpoint(slice.Endpoints[i], slice.AddressType, FieldPath.Of("endpoints").Index(i), errors);
        }
        Ports(slice.Ports, FieldPath.Of("ports"), errors);
    }

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        if (item.As<EndpointSlice>().AddressType != previous.As<EndpointSlice>().AddressType)
        {
            errors.Invalid(FieldPath.Of("addressType"), item.As<EndpointSlice>().AddressType, FieldRules.Immutable);
        }
    }

    private static void Endpoint(Endpoint endpoint, string type, FieldPath path, FieldErrors errors)
    {
        if (endpoint.Addresses.Count == 0)
        {
            errors.Required(path.Child("addresses"), "must contain at least 1 address");
        }
        for (var i = 0; i < endpoint.Addresses.Count; i++)
        {
            var (address, field) = (endpoint.Addresses[i], path.Child("addresses").Index(i));
            if (type == "FQDN")
            {
                errors.Invalid(field, address, NameRules.Subdomain(address));
            }
            else if (FieldRules.ParseIp(address) is not { } parsed || (address.Contains(':') != (type == "IPv6")))
            {
                errors.Invalid(field, address, type == "IPv6" ? "must be a valid IPv6 address" : "must be a valid IPv4 address");
            }
            else
            {
                errors.NonSpecialIp(parsed, address, field);
            }
        }
        errors.Name(endpoint.NodeName, path, "nodeName", NameRules.Subdomain);
        errors.Name(endpoint.Hostname, path, "hostname", NameRules.Label);
    }

    private static void Ports(IReadOnlyList<EndpointPort> ports, FieldPath list, FieldErrors errors)
    {
        if (ports.Count > MaxPorts)
        {
            errors.TooMany(list, ports.Count, MaxPorts);
            return;
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, path) = (ports[i], list.Index(i));
            errors.Name(port.Name, path, "name", NameRules.Label);
            if (!names.Add(port.Name ?? ""))
            {
                errors.Duplicate(path.Child("name"), port.Name ?? "");
            }
            errors.OneOf(port.Protocol, path, "protocol", ContainerValidation.Protocols);
            if (port.AppProtocol is { } protocol)
            {
                errors.Invalid(path.Child("appProtocol"), protocol, LabelRules.QualifiedName(protocol));
            }
        }
    }

    private static string Some(List<string> items) => items.Count switch
    {
        0 => "<unset>",
        > Shown => string.Create(CultureInfo.InvariantCulture, $"{string.Join(",", items.Take(Shown))} + {items.Count - Shown} more..."),
        _ => string.Join(",", items),
    };
}
