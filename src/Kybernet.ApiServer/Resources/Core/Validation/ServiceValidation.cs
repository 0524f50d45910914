using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>Services by themselves: addresses, ports and policies that fit their type.</summary>
internal static class ServiceValidation
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private static readonly string[] Affinities = ["ClientIP", "None"];
    private static readonly string[] TrafficPolicies = ["Cluster", "Local"];
    private static readonly string[] Distributions = ["PreferClose", "PreferSameNode", "PreferSameZone"];

    /// <summary>Whether the service has no address of its own.</summary>
    public static bool IsHeadless(ServiceSpec spec) => spec.ClusterIPs.Count == 1 && spec.ClusterIPs[0] == "None";

    /// <summary>Says what is wrong with a service.</summary>
    public static void Validate(Service service, FieldErrors errors)
    {
        var spec = service.Spec;
        if (spec.Ports.Count == 0 && !IsHeadless(spec) && spec.Type != "ExternalName")
        {
            errors.Required(Spec.Child("ports"));
        }
        if (spec.Type == "ExternalName")
        {
            ExternalName(spec, errors);
        }
        else if (spec.Type is "LoadBalancer" or "NodePort" && IsHeadless(spec))
        {
            errors.Invalid(Spec.Child("clusterIPs").Index(0), "None", $"may not be set to 'None' for {spec.Type} services");
        }
        ServicePortValidation.Validate(spec, Spec.Child("ports"), errors);
        LabelRules.ValidateLabels(spec.Selector, Spec.Child("selector"), errors);
        errors.OneOf(spec.SessionAffinity, Spec, "sessionAffinity", Affinities);
        Affinity(spec, errors);
        if (spec.Type != "ExternalName")
        {
            ServiceAddressValidation.Validate(spec, errors);
        }
        for (var i = 0; i < spec.ExternalIPs.Count; i++)
        {
            var path = Spec.Child("externalIPs").Index(i);
            if (errors.Ip(spec.ExternalIPs[i], path) is { } address)
            {
                errors.NonSpecialIp(address, spec.ExternalIPs[i], path);
            }
        }
        errors.OneOf(spec.Type, Spec, "type", Types);
        LoadBalancer(service, errors);
        Policies(spec, errors);
    }

    /// <summary>Says what is wrong with the addresses that a load balancer reports.</summary>
    public static void ValidateStatus(Service service, FieldErrors errors)
    {
        var ingress = service.Status.LoadBalancer?.Ingress ?? [];
        var list = FieldPath.Of("status").Child("loadBalancer").Child("ingress");
        if (service.Spec.Type != "LoadBalancer" && ingress.Count > 0)
        {
            errors.Forbidden(list, "may only be used when `spec.type` is 'LoadBalancer'");
            return;
        }
        for (var i = 0; i < ingress.Count; i++)
        {
            var path = list.Index(i);
            if (!string.IsNullOrEmpty(ingress[i].Ip))
            {
                errors.Ip(ingress[i].Ip!, path.Child("ip"));
            }
            else if (ingress[i].IpMode is not null)
            {
                errors.Forbidden(path.Child("ipMode"), "may not be specified when `ip` is not set");
            }
            errors.OneOf(ingress[i].IpMode, path, "ipMode", ["Proxy", "VIP"]);
            errors.Name(ingress[i].Hostname, path, "hostname", NameRules.Subdomain);
            if (ingress[i].Hostname is { Length: > 0 } host && FieldRules.ParseIp(host) is not null)
            {
                errors.Invalid(path.Child("hostname"), host, "must be a DNS name, not an IP address");
            }
        }
    }

    private static void ExternalName(ServiceSpec spec, FieldErrors errors)
    {
        const string Reason = "may not be set for ExternalName services";
        if (spec.ClusterIPs.Count > 0)
        {
            errors.Forbidden(Spec.Child("clusterIPs"), Reason);
        }
        if (spec.IpFamilies.Count > 0)
        {
            errors.Forbidden(Spec.Child("ipFamilies"), Reason);
        }
        if (spec.IpFamilyPolicy is not null)
        {
            errors.Forbidden(Spec.Child("ipFamilyPolicy"), Reason);
        }
        var name = spec.ExternalName ?? "";
        name = name.EndsWith('.') ? name[..^1] : name;
        if (errors.Needs(name, Spec, "externalName"))
        {
            errors.Name(name, Spec, "externalName", NameRules.Subdomain);
        }
    }

    private static void Affinity(ServiceSpec spec, FieldErrors errors)
    {
        const int MaxSeconds = 86400;
        const string When = "when session affinity type is ClientIP";
        var path = Spec.Child("sessionAffinityConfig");
        if (spec.SessionAffinity == "None" && spec.SessionAffinityConfig is not null)
        {
            errors.Forbidden(path, "must not be set when session affinity is None");
        }
        if (spec.SessionAffinity != "ClientIP")
        {
            return;
        }
        switch (spec.SessionAffinityConfig)
        {
            case null:
                errors.Required(path, When);
                break;
            case { ClientIP: null }:
                errors.Required(path.Child("clientIP"), When);
                break;
            case { ClientIP.TimeoutSeconds: null }:
                errors.Required(path.Child("clientIP").Child("timeoutSeconds"), When);
                break;
            case { ClientIP.TimeoutSeconds: <= 0 or > MaxSeconds }:
                errors.Invalid(path.Child("clientIP").Child("timeoutSeconds"), spec.SessionAffinityConfig.ClientIP.TimeoutSeconds,
                    $"must be greater than 0 and less than {MaxSeconds}");
                break;
        }
    }

    private static void LoadBalancer(Service service, FieldErrors errors)
    {
        const string OnlyThere = "may only be used when `type` is 'LoadBalancer'";
        var spec = service.Spec;
        var isLoadBalancer = spec.Type == "LoadBalancer";
        if (spec.LoadBalancerSourceRanges.Count > 0)
        {
            var path = Spec.Child("LoadBalancerSourceRanges");
            if (!isLoadBalancer)
            {
                errors.Forbidden(path, OnlyThere);
            }
            for (var i = 0; i < spec.LoadBalancerSourceRanges.Count; i++)
            {
                errors.Cidr(spec.LoadBalancerSourceRanges[i].Trim(), path.Index(i));
            }
        }
        if (spec.AllocateLoadBalancerNodePorts is not null && !isLoadBalancer)
        {
            errors.Forbidden(Spec.Child("allocateLoadBalancerNodePorts"), OnlyThere);
        }
        if (spec.LoadBalancerClass is { } name)
        {
            if (isLoadBalancer)
            {
                errors.Invalid(Spec.Child("loadBalancerClass"), name, LabelRules.QualifiedName(name));
            }
            else
            {
                errors.Forbidden(Spec.Child("loadBalancerClass"), OnlyThere);
            }
        }
    }

    private static void Policies(ServiceSpec spec, FieldErrors errors)
    {
        var isExternal = spec.Type is "NodePort" or "LoadBalancer" || (spec.Type == "ClusterIP" && spec.ExternalIPs.Count > 0);
        if (!isExternal && !string.IsNullOrEmpty(spec.ExternalTrafficPolicy))
        {
            errors.Invalid(Spec.Child("externalTrafficPolicy"), spec.ExternalTrafficPolicy, "may only be set for externally-accessible services");
        }
        else
        {
            errors.OneOf(spec.ExternalTrafficPolicy, Spec, "externalTrafficPolicy", TrafficPolicies, required: isExternal);
        }
        var needsHealthCheck = spec is { Type: "LoadBalancer", ExternalTrafficPolicy: "Local" };
        if (spec.HealthCheckNodePort is { } port and not 0)
        {
            if (needsHealthCheck)
            {
                errors.Port(port, Spec, "healthCheckNodePort");
            }
            else
            {
                errors.Invalid(Spec.Child("healthCheckNodePort"), port,
                    "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
            }
        }
        errors.OneOf(spec.InternalTrafficPolicy, Spec, "internalTrafficPolicy", TrafficPolicies);
        if (spec.TrafficDistribution is { } distribution && Array.IndexOf(Distributions, distribution) < 0)
        {
            errors.NotSupported(Spec.Child("trafficDistribution"), distribution, Distributions);
        }
    }
}
