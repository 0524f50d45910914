using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Network.Services.Endpoints;

namespace Kybernet.Network.Services.Rules;

/// <summary>Says what a Service asks for of the table. Depends on nothing but what it is given.</summary>
internal sealed class ServiceRules(ServiceProxyOptions options)
{
    private const int DefaultAffinitySeconds = 10800;
    private const string OtherProxyLabel = "service.kubernetes.io/service-proxy-name";

    /// <summary>The parts for a Service and the slices of its endpoints, as seen from a node.</summary>
    public RuleParts Of(Service service, IReadOnlyList<EndpointSlice> slices, ProxyNode node)
    {
        var parts = new RuleParts();
        if (!IsProxied(service))
        {
            return parts;
        }
        foreach (var family in IPFamily.All)
        {
            // The first address stands alone where the server knows of no second family.
            var clusterIP = (service.Spec.ClusterIPs.Count > 0 ? service.Spec.ClusterIPs : [service.Spec.ClusterIP!]).Select(family.Canonical).FirstOrDefault(static ip => ip is not null);
            if (clusterIP is null)
            {
                continue;
            }
            parts.AddElement(TableNames.ClusterIPs + family.Suffix, clusterIP);
            foreach (var port in service.Spec.Ports)
            {
                AddPort(parts, service, port, clusterIP, family, slices, node);
            }
        }
        return parts;
    }

    /// <summary>Whether a Service has an address that a proxy serves.</summary>
    public static bool IsProxied(Service service) =>
        service.Spec.Type != "ExternalName"
        && service.Spec.ClusterIP is { Length: > 0 } and not "None"
        && !service.Metadata.Labels.ContainsKey(OtherProxyLabel);

    private void AddPort(
        RuleParts parts, Service service, ServicePort port, string clusterIP, IPFamily family, IReadOnlyList<EndpointSlice> slices, ProxyNode node)
    {
        var spec = service.Spec;
        var protocol = port.Protocol ?? "TCP";
        var rules = new PortRules(
            new NamespacedName(service.Metadata.Namespace ?? "", service.Metadata.Name ?? ""),
            port.Name ?? "",
            protocol.ToLowerInvariant(),
            family,
            EndpointChoice.Of(ServiceEndpoint.Of(slices, family, port.Name ?? "", protocol, node.Name), node),
            spec.SessionAffinity == "ClientIP" ? spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? DefaultAffinitySeconds : null);
        foreach (var endpoint in rules.Choice.Cluster.Concat(rules.Choice.Local))
        {
            parts.AddElement(TableNames.Hairpin + family.Suffix, $"{endpoint.Address} . {endpoint.Address}");
        }

        AddInternal(parts, rules, new Frontend(clusterIP, rules.Protocol, port.Port), spec.InternalTrafficPolicy == "Local");
        var isLocal = spec.ExternalTrafficPolicy == "Local";
        foreach (var external in spec.ExternalIPs.Select(family.Canonical).OfType<string>())
        {
            AddExternal(parts, rules, new Frontend(external, rules.Protocol, port.Port), isLocal);
        }
        foreach (var ingress in LoadBalancerIPs(service, family))
        {
            var frontend = new Frontend(ingress, rules.Protocol, port.Port);
            AddExternal(parts, rules, frontend, isLocal);
            AddFirewall(parts, spec.LoadBalancerSourceRanges, frontend, family);
        }
        if (port.NodePort is { } nodePort and > 0)
        {
            AddExternal(parts, rules, new Frontend(null, rules.Protocol, nodePort), isLocal);
        }
    }

    /// <summary>A cluster address is for pods and nodes: nothing is masqueraded on its behalf but what comes from outside.</summary>
    private static void AddInternal(RuleParts parts, PortRules rules, Frontend frontend, bool isLocal)
    {
        if ((isLocal ? rules.Choice.Local : rules.Choice.Cluster).Count > 0)
        {
            parts.AddElement(frontend.ServiceMap(rules.Family), frontend.Key, $"goto {rules.AddTarget(parts, frontend, isLocal)}");
            return;
        }
        // Endpoints elsewhere are none of this node's: the packet is lost without a word, so that the client tries again.
        AddNoEndpoints(parts, rules.Family, frontend, hasOthers: isLocal && rules.Choice.Cluster.Count > 0);
    }

    /// <summary>
    /// What comes from outside is masqueraded, so that the endpoint's answers come back through this node; under the policy Local it stays on this node
    /// and keeps its source. To pods and to the node itself an external address is another name of the cluster's.
    /// </summary>
    private void AddExternal(RuleParts parts, PortRules rules, Frontend frontend, bool isLocal)
    {
        var family = rules.Family;
        if (isLocal && rules.Choice.Local.Count == 0)
        {
            AddNoEndpoints(parts, family, frontend, hasOthers: rules.Choice.Cluster.Count > 0);
        }
        else if (rules.Choice.Cluster.Count == 0)
        {
            AddNoEndpoints(parts, family, frontend, hasOthers: false);
        }
        if (rules.Choice.Cluster.Count == 0)
        {
            return;
        }
        var all = rules.AddTarget(parts, frontend, isLocal: false);
        var masqueraded = parts.AddChain($"masquerade-{all}", $"jump {TableNames.MarkForMasquerade}", $"goto {all}");
        var target = isLocal ? AddLocalChain(parts, rules, frontend, all, masqueraded) : masqueraded;
        parts.AddElement(frontend.ServiceMap(family), frontend.Key, $"goto {target}");
    }

    private string AddLocalChain(RuleParts parts, PortRules rules, Frontend frontend, string all, string masqueraded)
    {
        var family = rules.Family;
        var chain = new List<string>();
        if (TableSkeleton.Pods(family, options) is { } pods)
        {
            chain.Add($"{family.Keyword} saddr {pods} goto {all}");
        }
        chain.Add($"fib saddr type local meta nfproto {(family == IPFamily.V4 ? "ipv4" : "ipv6")} goto {masqueraded}");
        if (rules.Choice.Local.Count == 0)
        {
            return parts.AddChain($"none-local-{all}", chain);
        }
        var local = rules.AddTarget(parts, frontend, isLocal: true);
        return parts.AddChain($"{local}-or-{all}", [.. chain, $"goto {local}"]);
    }

    private static void AddNoEndpoints(RuleParts parts, IPFamily family, Frontend frontend, bool hasOthers) =>
        parts.AddElement(frontend.NoEndpointMap(family), frontend.Key, hasOthers ? "drop" : $"goto {TableNames.Reject}");

    private static void AddFirewall(RuleParts parts, IReadOnlyList<string> ranges, Frontend frontend, IPFamily family)
    {
        var ofFamily = ranges.Select(static range => range.Trim()).Where(range => range.Contains(':') == (family == IPFamily.V6)).Order(StringComparer.Ordinal).ToList();
        if (ranges.Count == 0)
        {
            return;
        }
        var rule = ofFamily.Count == 0 ? "drop" : $"{family.Keyword} saddr != {{ {string.Join(", ", ofFamily)} }} drop";
        var chain = parts.AddChain("firewall-" + frontend.Key.Replace(" . ", "-", StringComparison.Ordinal).Replace(':', '_'), rule);
        parts.AddElement(TableNames.FirewallIPs + family.Suffix, frontend.Key, $"goto {chain}");
    }

    private static IEnumerable<string> LoadBalancerIPs(Service service, IPFamily family) =>
        service.Spec.Type != "LoadBalancer"
            ? []
            : (service.Status.LoadBalancer?.Ingress ?? [])
                .Where(static ingress => ingress.IpMode is null or "VIP")
                .Select(ingress => family.Canonical(ingress.Ip))
                .OfType<string>();
}
