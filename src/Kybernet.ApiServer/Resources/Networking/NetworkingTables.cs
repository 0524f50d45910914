using System.Globalization;
using Kybernet.Api.Networking.V1;
using Kybernet.ApiServer.Resources.Core;

namespace Kybernet.ApiServer.Resources.Networking;

/// <summary>How the kinds of the networking group are shown.</summary>
internal static class NetworkingTables
{
    private const int MaxHosts = 3;

    public static TableDefinition Ingresses { get; } = new(
        [
            Columns.Name,
            Columns.Text("Class", "The class of the ingress."),
            Columns.Text("Hosts", "Hosts that incoming requests are matched against before the ingress rule"),
            Columns.Text("Address", "Address is a list containing ingress points for the load-balancer"),
            Columns.Text("Ports", "Ports of TLS configurations that open"),
            Columns.Age,
        ],
        static (item, now) =>
        {
            var ingress = item.As<Ingress>();
            var points = (ingress.Status.LoadBalancer?.Ingress ?? []).Select(point => (point.Ip, point.Hostname));
            var className = ingress.Spec.IngressClassName
                ?? (ingress.Metadata.Annotations.TryGetValue("kubernetes.io/ingress.class", out var old) ? old : "<none>");
            return
            [
                ingress.Metadata.Name, className, Hosts(ingress.Spec.Rules), ServiceStrategy.LoadBalancerText(points),
                ingress.Spec.Tls.Count > 0 ? "80, 443" : "80", Columns.AgeOf(ingress.Metadata, now),
            ];
        });

    public static TableDefinition IngressClasses { get; } = new(
        [Columns.Name, Columns.Text("Controller", "Who serves the class."), Columns.Text("Parameters", "Its settings."), Columns.Age],
        static (item, now) =>
        {
            var ingressClass = item.As<IngressClass>();
            return
            [
                ingressClass.Metadata.Name, ingressClass.Spec.Controller ?? "",
                ingressClass.Spec.Parameters is not { } parameters ? "<none>"
                    : string.IsNullOrEmpty(parameters.ApiGroup) ? $"{parameters.Kind}/{parameters.Name}" : $"{parameters.Kind}.{parameters.ApiGroup}/{parameters.Name}",
                Columns.AgeOf(ingressClass.Metadata, now),
            ];
        });

    public static TableDefinition NetworkPolicies { get; } = new(
        [Columns.Name, Columns.Text("Pod-Selector", "The pods that the policy is for."), Columns.Age],
        static (item, now) =>
        {
            var policy = item.As<NetworkPolicy>();
            return [policy.Metadata.Name, LabelRules.Format(policy.Spec.PodSelector), Columns.AgeOf(policy.Metadata, now)];
        });

    public static TableDefinition IpAddresses { get; } = new(
        [Columns.Name, Columns.Text("ParentRef", "What has the address.")],
        static (item, _) =>
        {
            var address = item.As<IPAddress>();
            var parent = address.Spec.ParentRef;
            var resource = string.IsNullOrEmpty(parent.Group) ? parent.Resource : $"{parent.Resource}.{parent.Group}";
            return [address.Metadata.Name, string.IsNullOrEmpty(parent.Namespace) ? $"{resource}/{parent.Name}" : $"{resource}/{parent.Namespace}/{parent.Name}"];
        });

    public static TableDefinition ServiceCidrs { get; } = new(
        [Columns.Name, Columns.Text("CIDRs", "The networks that service addresses come from."), Columns.Age],
        static (item, now) =>
        {
            var cidr = item.As<ServiceCIDR>();
            return [cidr.Metadata.Name, string.Join(",", cidr.Spec.Cidrs), Columns.AgeOf(cidr.Metadata, now)];
        });

    private static string Hosts(IReadOnlyList<IngressRule> rules)
    {
        var hosts = rules.Where(rule => !string.IsNullOrEmpty(rule.Host)).Select(rule => rule.Host!).ToList();
        var text = string.Join(",", hosts.Take(MaxHosts));
        return hosts.Count == 0 ? "*" : hosts.Count > MaxHosts
            ? string.Create(CultureInfo.InvariantCulture, $"{text} + {rules.Count - MaxHosts} more...") : text;
    }
}
