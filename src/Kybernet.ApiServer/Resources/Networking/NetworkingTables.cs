using System.Globalization;
using Kybernet.Api.Networking.V1;
using Kybernet.ApiServer.Resources.Core;

namespace Kybernet.ApiServer.Resources.Networking;

/// <summary>How the kinds of the networking group are shown.</summary>
internal static class NetworkingTables
{
    private const int MaxHosts = 3;

    public static TableDefinition Ingresses { get; } = TableBuilder.For<Ingress>()
        .Name()
        .Text("Class", "The class of the ingress.", Class)
        .Text("Hosts", "Hosts that incoming requests are matched against before the ingress rule", static item => Hosts(item.Spec.Rules))
        .Text("Address", "Address is a list containing ingress points for the load-balancer", Address)
        .Text("Ports", "Ports of TLS configurations that open", static item => item.Spec.Tls.Count > 0 ? "80, 443" : "80")
        .Age()
        .Build();

    public static TableDefinition IngressClasses { get; } = TableBuilder.For<IngressClass>()
        .Name()
        .Text("Controller", "Who serves the class.", static item => item.Spec.Controller ?? "")
        .Text("Parameters", "Its settings.", static item => item.Spec.Parameters is { } settings ? $"{Qualified(settings.Kind, settings.ApiGroup)}/{settings.Name}" : "<none>")
        .Age()
        .Build();

    public static TableDefinition NetworkPolicies { get; } = TableBuilder.For<NetworkPolicy>()
        .Name()
        .Text("Pod-Selector", "The pods that the policy is for.", static item => LabelRules.Format(item.Spec.PodSelector))
        .Age()
        .Build();

    public static TableDefinition IpAddresses { get; } = TableBuilder.For<IPAddress>()
        .Name()
        .Text("ParentRef", "What has the address.", static item => Parent(item.Spec.ParentRef))
        .Build();

    public static TableDefinition ServiceCidrs { get; } = TableBuilder.For<ServiceCIDR>()
        .Name()
        .Text("CIDRs", "The networks that service addresses come from.", static item => string.Join(",", item.Spec.Cidrs))
        .Age()
        .Build();

    private static string Class(Ingress ingress) => ingress.Spec.IngressClassName
        ?? (ingress.Metadata.Annotations.TryGetValue("kubernetes.io/ingress.class", out var old) ? old : "<none>");

    private static string Address(Ingress ingress) =>
        ServiceTable.LoadBalancerText((ingress.Status.LoadBalancer?.Ingress ?? []).Select(point => (point.Ip, point.Hostname)));

    private static string Parent(ParentReference parent)
    {
        var resource = Qualified(parent.Resource, parent.Group);
        return string.IsNullOrEmpty(parent.Namespace) ? $"{resource}/{parent.Name}" : $"{resource}/{parent.Namespace}/{parent.Name}";
    }

    private static string Qualified(string name, string? group) => string.IsNullOrEmpty(group) ? name : $"{name}.{group}";

    private static string Hosts(IReadOnlyList<IngressRule> rules)
    {
        var hosts = rules.Where(rule => !string.IsNullOrEmpty(rule.Host)).Select(rule => rule.Host!).ToList();
        var text = string.Join(",", hosts.Take(MaxHosts));
        return hosts.Count == 0 ? "*" : hosts.Count > MaxHosts
            ? string.Create(CultureInfo.InvariantCulture, $"{text} + {rules.Count - MaxHosts} more...") : text;
    }
}
