using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>The defaults of services that depend on other fields, and what an update keeps of what was allocated.</summary>
internal static class ServiceDefaults
{
    private const int AffinitySeconds = 10800;

    /// <summary>Sets what follows from the rest of the spec.</summary>
    public static void Apply(JsonObject spec)
    {
        spec.Fill("sessionAffinity", "None");
        if (spec.Text("sessionAffinity") == "None")
        {
            spec.Remove("sessionAffinityConfig");
        }
        else if (spec.Text("sessionAffinity") == "ClientIP")
        {
            spec.EnsureObject("sessionAffinityConfig").EnsureObject("clientIP").Fill("timeoutSeconds", AffinitySeconds);
        }
        spec.Fill("type", "ClusterIP");
        foreach (var port in spec.Objects("ports"))
        {
            Port(port);
        }
        if (IsExternallyAccessible(spec))
        {
            spec.Fill("externalTrafficPolicy", "Cluster");
        }
        if (spec.Text("type") == "ExternalName")
        {
            return;
        }
        spec.Fill("internalTrafficPolicy", "Cluster");
        if (spec.Text("type") == "LoadBalancer")
        {
            spec.Fill("allocateLoadBalancerNodePorts", true);
        }
        if (spec.Array("clusterIPs") is not { Count: > 0 } && spec.Text("clusterIP") is { Length: > 0 } address)
        {
            spec["clusterIPs"] = new JsonArray(JsonValue.Create(address));
        }
        Families(spec);
    }

    /// <summary>Takes over what was allocated, where an update neither sets it nor gives it up.</summary>
    public static void Keep(JsonObject spec, JsonObject previous)
    {
        var needsAddress = spec.Text("type") != "ExternalName" && previous.Text("type") != "ExternalName";
        if (needsAddress && spec.Lacks("clusterIP"))
        {
            spec.Restore(previous, "clusterIP");
            if (spec.Array("clusterIPs") is not { Count: > 0 })
            {
                spec.Restore(previous, "clusterIPs");
            }
        }
        else if (needsAddress && spec.Text("clusterIP") != previous.Text("clusterIP")
            && JsonNode.DeepEquals(spec["clusterIPs"], previous["clusterIPs"]))
        {
            spec["clusterIPs"] = new JsonArray(JsonValue.Create(spec.Text("clusterIP")!));
        }
        if (NeedsNodePorts(spec) && NeedsNodePorts(previous))
        {
            KeepNodePorts(spec, previous);
        }
        if (NeedsHealthCheck(spec) && NeedsHealthCheck(previous) && spec.Number("healthCheckNodePort") is null or 0)
        {
            spec.Restore(previous, "healthCheckNodePort");
        }
        DropUnused(spec, previous);
    }

    private static void Port(JsonObject port)
    {
        port.Fill("protocol", "TCP");
        if ((port.Lacks("targetPort") || port.Number("targetPort") == 0) && port["port"] is { } own)
        {
            port["targetPort"] = own.DeepClone();
        }
    }

    private static void Families(JsonObject spec)
    {
        if (spec.Array("ipFamilies") is not { Count: > 0 })
        {
            var families = new JsonArray();
            foreach (var address in spec.Array("clusterIPs") ?? [])
            {
                if (address is JsonValue value && value.TryGetValue<string>(out var text) && FieldRules.ParseIp(text) is { } parsed)
                {
                    families.Add((JsonNode)JsonValue.Create(parsed.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "IPv4" : "IPv6"));
                }
            }
            if (families.Count == 0)
            {
                families.Add((JsonNode)JsonValue.Create("IPv4"));
            }
            spec["ipFamilies"] = families;
        }
        spec.Fill("ipFamilyPolicy", spec.Array("ipFamilies") is { Count: > 1 } ? "RequireDualStack" : "SingleStack");
    }

    private static void KeepNodePorts(JsonObject spec, JsonObject previous)
    {
        var taken = new HashSet<(string?, long)>();
        foreach (var port in spec.Objects("ports"))
        {
            if (port.Number("nodePort") is { } number and not 0)
            {
                taken.Add((port.Text("protocol"), number));
            }
        }
        foreach (var port in spec.Objects("ports"))
        {
            if (port.Number("nodePort") is not (null or 0))
            {
                continue;
            }
            foreach (var old in previous.Objects("ports"))
            {
                if (old.Number("port") == port.Number("port") && old.Text("protocol") == port.Text("protocol")
                    && old.Number("nodePort") is { } number and not 0 && taken.Add((port.Text("protocol"), number)))
                {
                    port["nodePort"] = JsonValue.Create(number);
                    break;
                }
            }
        }
    }

    /// <summary>A change of type takes along what only the old type needs, where the client just sent it back as it was.</summary>
    private static void DropUnused(JsonObject spec, JsonObject previous)
    {
        if (spec.Text("type") == "ExternalName" && previous.Text("type") != "ExternalName")
        {
            DropWhereSame(spec, previous, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy");
        }
        if (NeedsNodePorts(previous) && !NeedsNodePorts(spec) && JsonNode.DeepEquals(spec["ports"], previous["ports"]))
        {
            foreach (var port in spec.Objects("ports"))
            {
                port.Remove("nodePort");
            }
        }
        if (IsExternallyAccessible(previous) && !IsExternallyAccessible(spec))
        {
            DropWhereSame(spec, previous, "externalTrafficPolicy");
        }
        if (NeedsHealthCheck(previous) && !NeedsHealthCheck(spec))
        {
            DropWhereSame(spec, previous, "healthCheckNodePort");
        }
        if (previous.Text("type") == "LoadBalancer" && spec.Text("type") != "LoadBalancer")
        {
            DropWhereSame(spec, previous, "allocateLoadBalancerNodePorts", "loadBalancerClass");
        }
    }

    private static void DropWhereSame(JsonObject spec, JsonObject previous, params string[] fields)
    {
        foreach (var field in fields)
        {
            if (JsonNode.DeepEquals(spec[field], previous[field]))
            {
                spec.Remove(field);
            }
        }
    }

    private static bool IsExternallyAccessible(JsonObject spec) => spec.Text("type") is "NodePort" or "LoadBalancer"
        || (spec.Text("type") == "ClusterIP" && spec.Array("externalIPs") is { Count: > 0 });

    private static bool NeedsHealthCheck(JsonObject spec) => spec.Text("type") == "LoadBalancer" && spec.Text("externalTrafficPolicy") == "Local";

    private static bool NeedsNodePorts(JsonObject spec) => spec.Text("type") == "NodePort"
        || (spec.Text("type") == "LoadBalancer" && (spec["allocateLoadBalancerNodePorts"] is null || spec.IsTrue("allocateLoadBalancerNodePorts")));
}
