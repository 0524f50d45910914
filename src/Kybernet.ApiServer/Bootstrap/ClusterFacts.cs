using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Api.Scheduling.V1;
using EndpointPort = Kybernet.Api.Discovery.V1.EndpointPort;

namespace Kybernet.ApiServer.Bootstrap;

/// <summary>The first objects of a cluster that are no policy: namespaces, the <c>kubernetes</c> Service, priority classes, what extension servers read.</summary>
internal static class ClusterFacts
{
    public const string ServiceName = "kubernetes";

    public static readonly string[] Namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    public static IEnumerable<PriorityClass> PriorityClasses() =>
    [
        new PriorityClass
        {
            Metadata = new ObjectMeta { Name = "system-node-critical" },
            Value = 2000001000,
            Description = "Used for system critical pods that must not be moved from their current node.",
        },
        new PriorityClass
        {
            Metadata = new ObjectMeta { Name = "system-cluster-critical" },
            Value = 2000000000,
            Description = "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
        },
    ];

    public static ServiceCIDR ServiceCidr(BootstrapSettings settings) => new()
    {
        Metadata = new ObjectMeta { Name = ServiceName },
        Spec = new ServiceCIDRSpec { Cidrs = [settings.ServiceCidr] },
    };

    public static Service KubernetesService(BootstrapSettings settings) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = ServiceName,
            Namespace = "default",
            Labels = new Dictionary<string, string> { ["component"] = "apiserver", ["provider"] = "kubernetes" },
        },
        Spec = new ServiceSpec
        {
            Type = "ClusterIP",
            ClusterIP = settings.ServiceAddress,
            ClusterIPs = [settings.ServiceAddress],
            SessionAffinity = "None",
            Ports = [new ServicePort { Name = "https", Port = 443, Protocol = "TCP", TargetPort = new IntOrString(settings.SecurePort) }],
        },
    };

    public static Endpoints KubernetesEndpoints(BootstrapSettings settings) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = ServiceName,
            Namespace = "default",
            Labels = new Dictionary<string, string> { ["endpointslice.kubernetes.io/skip-mirror"] = "true" },
        },
        Subsets =
        [
            new EndpointSubset
            {
                Addresses = [new EndpointAddress { Ip = settings.AdvertiseAddress }],
                Ports = [new Api.Core.V1.EndpointPort { Name = "https", Port = settings.SecurePort, Protocol = "TCP" }],
            },
        ],
    };

    public static EndpointSlice KubernetesEndpointSlice(BootstrapSettings settings) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = ServiceName,
            Namespace = "default",
            Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = ServiceName },
        },
        AddressType = settings.AdvertiseAddress.Contains(':') ? "IPv6" : "IPv4",
        Endpoints = [new Endpoint { Addresses = [settings.AdvertiseAddress], Conditions = new EndpointConditions { Ready = true } }],
        Ports = [new EndpointPort { Name = "https", Port = settings.SecurePort, Protocol = "TCP" }],
    };

    public static ConfigMap ExtensionAuthentication(BootstrapSettings settings)
    {
        var data = new Dictionary<string, string>(StringComparer.Ordinal) { ["client-ca-file"] = settings.ClientCaPem };
        if (settings.RequestHeaderCaPem.Length > 0)
        {
            var proxies = settings.RequestHeader;
            data["requestheader-client-ca-file"] = settings.RequestHeaderCaPem;
            data["requestheader-allowed-names"] = Json(proxies.AllowedNames);
            data["requestheader-extra-headers-prefix"] = Json(proxies.ExtraHeadersPrefixes);
            data["requestheader-group-headers"] = Json(proxies.GroupHeaders);
            data["requestheader-username-headers"] = Json(proxies.UsernameHeaders);
            if (proxies.UidHeaders.Count > 0)
            {
                data["requestheader-uid-headers"] = Json(proxies.UidHeaders);
            }
        }
        return new ConfigMap { Metadata = new ObjectMeta { Name = "extension-apiserver-authentication", Namespace = "kube-system" }, Data = data };
    }

    private static string Json(IEnumerable<string> texts) => new JsonArray([.. texts.Select(static text => (JsonNode)text)]).ToJsonString();
}
