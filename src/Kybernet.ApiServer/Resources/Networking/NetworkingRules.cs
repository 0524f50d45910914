using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Networking.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.ApiServer.Resources.Networking;

/// <summary>What holds for ingresses and network policies.</summary>
internal static class NetworkingRules
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");
    private static readonly string[] PathTypes = ["Exact", "ImplementationSpecific", "Prefix"];

    /// <summary>A policy is about what comes in, and about what goes out where it says something of that.</summary>
    public static void DefaultPolicy(JsonObject item)
    {
        if (item.Object("spec") is not { } spec || spec.Array("policyTypes") is { Count: > 0 })
        {
            return;
        }
        spec["policyTypes"] = spec.Array("egress") is { Count: > 0 }
            ? new JsonArray(JsonValue.Create("Ingress"), JsonValue.Create("Egress"))
            : new JsonArray(JsonValue.Create("Ingress"));
    }

    public static void Policy(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<NetworkPolicy>().Spec;
        LabelRules.ValidateSelector(spec.PodSelector, Spec.Child("podSelector"), errors);
        for (var i = 0; i < spec.Ingress.Count; i++)
        {
            var path = Spec.Child("ingress").Index(i);
            Ports(spec.Ingress[i].Ports, path, errors);
            Peers(spec.Ingress[i].From, path.Child("from"), errors);
        }
        for (var i = 0; i < spec.Egress.Count; i++)
        {
            var path = Spec.Child("egress").Index(i);
            Ports(spec.Egress[i].Ports, path, errors);
            Peers(spec.Egress[i].To, path.Child("to"), errors);
        }
        if (spec.PolicyTypes.Count > 2)
        {
            errors.InvalidList(Spec.Child("policyTypes"), spec.PolicyTypes, "may not specify more than two policyTypes");
            return;
        }
        for (var i = 0; i < spec.PolicyTypes.Count; i++)
        {
            if (spec.PolicyTypes[i] is not ("Ingress" or "Egress"))
            {
                errors.NotSupported(Spec.Child("policyTypes").Index(i), spec.PolicyTypes[i], ["Egress", "Ingress"]);
            }
        }
    }

    public static void Ingress(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<Ingress>().Spec;
        if (spec.Rules.Count == 0 && spec.DefaultBackend is null)
        {
            errors.Invalid(Spec, item.As<Ingress>().Spec, "either `defaultBackend` or `rules` must be specified");
        }
        if (spec.DefaultBackend is { } backend)
        {
            Backend(backend, Spec.Child("defaultBackend"), errors);
        }
        for (var i = 0; i < spec.Rules.Count; i++)
        {
            Rule(spec.Rules[i], Spec.Child("rules").Index(i), errors);
        }
        for (var i = 0; i < spec.Tls.Count; i++)
        {
            for (var j = 0; j < spec.Tls[i].Hosts.Count; j++)
            {
                Host(spec.Tls[i].Hosts[j], Spec.Child("tls").Index(i).Child("hosts").Index(j), errors);
            }
            errors.Name(spec.Tls[i].SecretName, Spec.Child("tls").Index(i), "secretName", NameRules.Subdomain);
        }
        errors.Name(spec.IngressClassName, Spec, "ingressClassName", NameRules.Subdomain);
    }

    /// <summary>The class was an annotation once.</summary>
    public static IEnumerable<string> IngressWarnings(EncodedObject item)
    {
        if (item.As<Ingress>().Metadata.Annotations.ContainsKey("kubernetes.io/ingress.class"))
        {
            yield return "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead";
        }
    }

    private static void Rule(IngressRule rule, FieldPath path, FieldErrors errors)
    {
        if (!string.IsNullOrEmpty(rule.Host))
        {
            if (FieldRules.ParseIp(rule.Host) is not null)
            {
                errors.Invalid(path.Child("host"), rule.Host, "must be a DNS name, not an IP address");
            }
            Host(rule.Host, path.Child("host"), errors);
        }
        if (rule.Http is not { } http)
        {
            return;
        }
        var list = path.Child("http").Child("paths");
        if (http.Paths.Count == 0)
        {
            errors.Required(list);
        }
        for (var i = 0; i < http.Paths.Count; i++)
        {
            HttpPath(http.Paths[i], list.Index(i), errors);
        }
    }

    private static void HttpPath(HTTPIngressPath item, FieldPath path, FieldErrors errors)
    {
        if (item.PathType.Length == 0)
        {
            errors.Required(path.Child("pathType"), "pathType must be specified");
        }
        else if (Array.IndexOf(PathTypes, item.PathType) < 0)
        {
            errors.NotSupported(path.Child("pathType"), item.PathType, PathTypes);
        }
        else if (!(item.PathType == "ImplementationSpecific" && string.IsNullOrEmpty(item.Path)))
        {
            var value = item.Path ?? "";
            if (!value.StartsWith('/'))
            {
                errors.Invalid(path.Child("path"), value, "must be an absolute path");
            }
            foreach (var sequence in item.PathType == "ImplementationSpecific" ? [] : new[] { "//", "/./", "/../", "%2f", "%2F" })
            {
                if (value.Contains(sequence, StringComparison.Ordinal))
                {
                    errors.Invalid(path.Child("path"), value, $"must not contain '{sequence}'");
                }
            }
        }
        Backend(item.Backend, path.Child("backend"), errors);
    }

    private static void Backend(IngressBackend backend, FieldPath path, FieldErrors errors)
    {
        switch (backend)
        {
            case { Resource: not null, Service: not null }:
                errors.Invalid(path, "", "cannot set both resource and service backends");
                break;
            case { Service: { } service }:
                if (errors.Needs(service.Name, path.Child("service"), "name"))
                {
                    errors.Name(service.Name, path.Child("service"), "name", NameRules.Label1035);
                }
                ServicePort(service.Port, path, errors);
                break;
            case { Resource: null }:
                errors.Required(path, "cannot have resource or service backends missing");
                break;
        }
    }

    private static void ServicePort(ServiceBackendPort? port, FieldPath path, FieldErrors errors)
    {
        var hasName = !string.IsNullOrEmpty(port?.Name);
        var hasNumber = port?.Number is not (null or 0);
        if (hasName && hasNumber)
        {
            errors.Invalid(path, "", "cannot set both port name & port number");
        }
        else if (hasName)
        {
            errors.Name(port!.Name, path.Child("service").Child("port"), "name", NameRules.PortName);
        }
        else if (hasNumber)
        {
            errors.Port(port!.Number!.Value, path.Child("service").Child("port"), "number");
        }
        else
        {
            errors.Required(path, "port name or number is required");
        }
    }

    private static void Host(string host, FieldPath path, FieldErrors errors) =>
        errors.Invalid(path, host, host.Contains('*') ? NameRules.WildcardSubdomain(host) : NameRules.Subdomain(host));

    private static void Ports(IReadOnlyList<NetworkPolicyPort> ports, FieldPath rule, FieldErrors errors)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            var path = rule.Child("ports").Index(i);
            errors.OneOf(ports[i].Protocol, path, "protocol", ContainerValidation.Protocols);
            if (ports[i].Port is { } port)
            {
                errors.Port(port, path, "port");
                if (ports[i].EndPort is { } end && !port.IsInt)
                {
                    errors.Invalid(path.Child("endPort"), end, "may not be specified when `port` is non-numeric");
                }
                else if (ports[i].EndPort is { } last)
                {
                    if (last < port.IntValue)
                    {
                        errors.Invalid(path.Child("endPort"), last, "must be greater than or equal to `port`");
                    }
                    errors.Port(last, path, "endPort");
                }
            }
            else if (ports[i].EndPort is { } lonely)
            {
                errors.Invalid(path.Child("endPort"), lonely, "may not be specified when `port` is not specified");
            }
        }
    }

    private static void Peers(IReadOnlyList<NetworkPolicyPeer> peers, FieldPath list, FieldErrors errors)
    {
        for (var i = 0; i < peers.Count; i++)
        {
            var path = list.Index(i);
            LabelRules.ValidateSelector(peers[i].PodSelector, path.Child("podSelector"), errors);
            LabelRules.ValidateSelector(peers[i].NamespaceSelector, path.Child("namespaceSelector"), errors);
            switch (peers[i])
            {
                case { PodSelector: null, NamespaceSelector: null, IpBlock: null }:
                    errors.Required(path, "must specify a peer");
                    break;
                case { IpBlock: not null } and ({ PodSelector: not null } or { NamespaceSelector: not null }):
                    errors.Forbidden(path, "may not specify both ipBlock and another peer");
                    break;
                case { IpBlock: { } block }:
                    Block(block, path.Child("ipBlock"), errors);
                    break;
            }
        }
    }

    private static void Block(IPBlock block, FieldPath path, FieldErrors errors)
    {
        if (!errors.Needs(block.Cidr, path, "cidr"))
        {
            return;
        }
        errors.Cidr(block.Cidr, path.Child("cidr"));
        for (var i = 0; i < block.Except.Count; i++)
        {
            var except = path.Child("except").Index(i);
            errors.Cidr(block.Except[i], except);
            if (FieldRules.ParseCidr(block.Cidr) is { } cidr && FieldRules.ParseCidr(block.Except[i]) is { } part && !IsStrictlyWithin(part, cidr))
            {
                errors.Invalid(except, block.Except[i], "must be a strict subset of `cidr`");
            }
        }
    }

    private static bool IsStrictlyWithin((IPAddress Address, int Length) part, (IPAddress Address, int Length) whole)
    {
        if (part.Address.AddressFamily != whole.Address.AddressFamily || part.Length <= whole.Length)
        {
            return false;
        }
        var (inner, outer) = (part.Address.GetAddressBytes(), whole.Address.GetAddressBytes());
        for (var bit = 0; bit < whole.Length; bit++)
        {
            if (((inner[bit / 8] ^ outer[bit / 8]) & (0x80 >> (bit % 8))) != 0)
            {
                return false;
            }
        }
        return true;
    }
}
