using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Client;
using Kybernet.Controllers.Endpoints;

namespace Kybernet.Controllers.LoadBalancers;

/// <summary>The nodes whose own addresses a load balancer has where there is no pool: each of them takes its traffic.</summary>
internal sealed class BalancedNodes(ILister<Node> nodes, ILister<EndpointSlice> slices)
{
    public const string ServiceIndex = "balanced-service";

    private const string ExcludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

    public static void AddIndex(IInformer<EndpointSlice> slices) =>
        slices.AddIndex(ServiceIndex, static slice => [$"{slice.Metadata.Namespace}/{slice.Metadata.Labels.GetValueOrDefault(SliceLabels.Service)}"]);

    /// <summary>What matters here of a node: while it stays the same, so do the load balancers.</summary>
    public static string Describe(Node node) => !IsBalanced(node) ? "" : string.Join(',', Addresses(node));

    /// <summary>The addresses of one family (<c>IPv4</c>, <c>IPv6</c>), in the order of the nodes' names.</summary>
    public IEnumerable<string> AddressesFor(Service service, string family)
    {
        var isLocal = service.Spec.ExternalTrafficPolicy == "Local";
        var own = isLocal ? NodesWithEndpoints(service) : [];
        return nodes.List()
            .Where(node => IsBalanced(node) && (!isLocal || own.Contains(node.Metadata.Name ?? "")))
            .OrderBy(static node => node.Metadata.Name, StringComparer.Ordinal)
            .SelectMany(Addresses)
            .Where(address => address.Contains(':') == (family == "IPv6"));
    }

    private static bool IsBalanced(Node node) =>
        node.Metadata.DeletionTimestamp is null
        && !node.Metadata.Labels.ContainsKey(ExcludeLabel)
        && node.Status.Conditions.Any(static condition => condition is { Type: "Ready", Status: "True" });

    private static IEnumerable<string> Addresses(Node node)
    {
        var external = node.Status.Addresses.Where(static address => address.Type == "ExternalIP").Select(static address => address.Address).ToList();
        return external.Count > 0 ? external : node.Status.Addresses.Where(static address => address.Type == "InternalIP").Select(static address => address.Address);
    }

    /// <summary>Under the policy Local the other nodes would drop what they get.</summary>
    private HashSet<string> NodesWithEndpoints(Service service) =>
        slices.ByIndex(ServiceIndex, new NamespacedName(service.Metadata.Namespace ?? "", service.Metadata.Name ?? "").ToString())
            .SelectMany(static slice => slice.Endpoints)
            .Where(static endpoint => endpoint.Conditions?.Ready == true && endpoint.NodeName is not null)
            .Select(static endpoint => endpoint.NodeName!)
            .ToHashSet(StringComparer.Ordinal);
}
