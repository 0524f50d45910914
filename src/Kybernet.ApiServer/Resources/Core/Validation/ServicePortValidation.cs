using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>The ports of a service: named where there are several, and no two alike.</summary>
internal static class ServicePortValidation
{
    /// <summary>Says what is wrong with the ports.</summary>
    public static void Validate(ServiceSpec spec, FieldPath list, FieldErrors errors)
    {
        var ports = spec.Ports;
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            Port(ports[i], ports.Count > 1, names, list.Index(i), errors);
        }
        for (var i = 0; i < ports.Count && spec.Type == "ClusterIP"; i++)
        {
            if (ports[i].NodePort is not (null or 0))
            {
                errors.Forbidden(list.Index(i).Child("nodePort"), "may not be used when `type` is 'ClusterIP'");
            }
        }
        var nodePorts = new HashSet<(string?, int)>();
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i].NodePort is { } nodePort and not 0 && !nodePorts.Add((ports[i].Protocol, nodePort)))
            {
                errors.Duplicate(list.Index(i).Child("nodePort"), nodePort);
            }
        }
        var own = new HashSet<(string?, int)>();
        for (var i = 0; i < ports.Count; i++)
        {
            if (!own.Add((ports[i].Protocol, ports[i].Port)))
            {
                errors.Duplicate(list.Index(i), new ServicePort { Port = ports[i].Port, Protocol = ports[i].Protocol });
            }
        }
    }

    private static void Port(ServicePort port, bool needsName, HashSet<string> names, FieldPath path, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(port.Name))
        {
            if (needsName)
            {
                errors.Required(path.Child("name"));
            }
        }
        else
        {
            errors.Name(port.Name, path, "name", NameRules.Label);
            if (!names.Add(port.Name))
            {
                errors.Duplicate(path.Child("name"), port.Name);
            }
        }
        errors.Port(port.Port, path, "port");
        errors.OneOf(port.Protocol, path, "protocol", ContainerValidation.Protocols);
        if (port.TargetPort is { } target)
        {
            errors.Port(target, path, "targetPort");
        }
        if (port.AppProtocol is { } protocol)
        {
            errors.Invalid(path.Child("appProtocol"), protocol, LabelRules.QualifiedName(protocol));
        }
    }
}
