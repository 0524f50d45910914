using System.Net.Security;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Routing;
using Kybernet.Network.Gateways.Statuses;
using Kybernet.Network.Ingresses.Backends;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>How a route names a backend.</summary>
internal readonly record struct BackendName(string? Group, string? Kind, string? Namespace, string Name, int? Port);

/// <summary>Finds what the backends of one route are, and remembers the first that is not there or may not be used.</summary>
/// <param name="route">The kind and the place of the route.</param>
/// <param name="services">The Services.</param>
/// <param name="backends">Their endpoints.</param>
/// <param name="grants">Which references into other namespaces are allowed.</param>
/// <param name="policies">How TLS is spoken with them.</param>
/// <param name="own">The certificate that is shown to backends; null for none.</param>
/// <param name="found">Gets the Services that were found.</param>
internal sealed class BackendResolver(
    ReferenceEnd route, ILister<Service> services, BackendSet backends, ReferenceGrants grants, BackendTlsPolicies policies,
    SslStreamCertificateContext? own, ISet<NamespacedName> found)
{
    /// <summary>The first problem.</summary>
    public Problem? Problem { get; private set; }

    /// <summary>Remembers a problem, unless there was one before.</summary>
    public void Report(string reason, string message) => Problem ??= new Problem(reason, message);

    /// <summary>The backend that a reference leads to; one without endpoints where it leads nowhere.</summary>
    public RouteTarget Resolve(BackendName reference, int? weight)
    {
        var nowhere = new RouteTarget(null, weight ?? 1);
        var key = new NamespacedName(reference.Namespace ?? route.Namespace, reference.Name);
        if (reference.Group is { Length: > 0 } || reference.Kind is not (null or GatewayApi.Kinds.Service))
        {
            Report(GatewayApi.Reasons.InvalidKind, $"backend {reference.Name} is of the kind {reference.Kind} of group \"{reference.Group}\": only Services are supported");
            return nowhere;
        }
        if (!grants.IsAllowed(route, new ReferenceEnd("", GatewayApi.Kinds.Service, key.Namespace, key.Name)))
        {
            Report(GatewayApi.Reasons.RefNotPermitted, $"backend {key}: no ReferenceGrant in its namespace allows the reference");
            return nowhere;
        }
        if (services.Get(key) is not { } service)
        {
            Report(GatewayApi.Reasons.BackendNotFound, $"backend {key}: there is no such Service");
            return nowhere;
        }
        if (service.Spec.Ports.FirstOrDefault(port => port.Port == reference.Port) is not { } port)
        {
            Report(GatewayApi.Reasons.BackendNotFound, $"backend {key}: the Service has no port {reference.Port}");
            return nowhere;
        }
        found.Add(key);
        var policy = policies.Find(key, port.Name ?? "", own);
        if (policy is { Tls: null })
        {
            return nowhere; // what it is to be trusted by is not there: the policy's status says why
        }
        return new RouteTarget(backends.Get(new BackendKey(key, "", port.Port)), weight ?? 1) { Tls = policy?.Tls };
    }
}
