using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Gateway.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Attachment;
using Kybernet.Network.Ingresses.Backends;

namespace Kybernet.Network.Gateways;

/// <summary>All that Gateways depend on, as caches show it.</summary>
internal sealed class GatewayCaches
{
    private const string GatewayIndex = "gateway";

    public GatewayCaches(InformerFactory informers)
    {
        Classes = informers.Informer<GatewayClass>();
        Gateways = informers.Informer<Gateway>();
        HttpRoutes = informers.Informer<HTTPRoute>();
        GrpcRoutes = informers.Informer<GRPCRoute>();
        TlsRoutes = informers.Informer<TLSRoute>();
        Grants = informers.Informer<ReferenceGrant>();
        Policies = informers.Informer<BackendTLSPolicy>();
        Services = informers.Informer<Service>();
        Slices = informers.Informer<EndpointSlice>();
        Namespaces = informers.Informer<Namespace>();
        Secrets = informers.Informer<Secret>("", new ListSelection(FieldSelector: "type=kubernetes.io/tls"));
        Maps = informers.Informer<ConfigMap>();
        HttpRoutes.AddIndex(GatewayIndex, static route => Route.GatewaysOf(route.Metadata, route.Spec.ParentRefs, route.Status));
        GrpcRoutes.AddIndex(GatewayIndex, static route => Route.GatewaysOf(route.Metadata, route.Spec.ParentRefs, route.Status));
        TlsRoutes.AddIndex(GatewayIndex, static route => Route.GatewaysOf(route.Metadata, route.Spec.ParentRefs, route.Status));
        Slices.AddIndex(BackendSet.ServiceIndex, static slice => BackendSet.ServiceOf(slice) is { } key ? [key.ToString()] : []);
        Policies.AddIndex(BackendTlsPolicies.ServiceIndex, BackendTlsPolicies.ServicesOf);
    }

    public IInformer<GatewayClass> Classes { get; }

    public IInformer<Gateway> Gateways { get; }

    public IInformer<HTTPRoute> HttpRoutes { get; }

    public IInformer<GRPCRoute> GrpcRoutes { get; }

    public IInformer<TLSRoute> TlsRoutes { get; }

    public IInformer<ReferenceGrant> Grants { get; }

    public IInformer<BackendTLSPolicy> Policies { get; }

    public IInformer<Service> Services { get; }

    public IInformer<EndpointSlice> Slices { get; }

    public IInformer<Namespace> Namespaces { get; }

    /// <summary>Certificates only.</summary>
    public IInformer<Secret> Secrets { get; }

    public IInformer<ConfigMap> Maps { get; }

    /// <summary>The routes that name a Gateway, or whose status does; the oldest first.</summary>
    public IReadOnlyList<Route> RoutesOf(NamespacedName gateway)
    {
        var key = gateway.ToString();
        return
        [
            .. HttpRoutes.ByIndex(GatewayIndex, key).Select(static Route (route) => new HttpRoute(route))
                .Concat(GrpcRoutes.ByIndex(GatewayIndex, key).Select(static route => new GrpcRoute(route)))
                .Concat(TlsRoutes.ByIndex(GatewayIndex, key).Select(static route => new TlsRoute(route)))
                .Order(RouteAge.Comparer),
        ];
    }
}
