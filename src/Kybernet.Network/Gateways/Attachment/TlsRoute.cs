using Kybernet.Api.Gateway.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Routing;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>A TLSRoute: its one rule is about whole connections.</summary>
internal sealed class TlsRoute(TLSRoute route) : Route(GatewayApi.Kinds.TlsRoute, route.Metadata)
{
    public override IReadOnlyList<string> Hostnames => route.Spec.Hostnames;

    public override IReadOnlyList<ParentReference> ParentRefs => route.Spec.ParentRefs;

    public override RouteStatus Status => route.Status;

    public override CompiledRoute Compile(BackendResolver backends)
    {
        var rules = route.Spec.Rules.Select(rule => new RouteRule { Matches = [], Targets = new WeightedTargets(rule.BackendRefs.Select(Target).ToList()) }).ToList();
        return new CompiledRoute(rules, null, backends.Problem);

        RouteTarget Target(BackendRef backend) =>
            backends.Resolve(new BackendName(backend.Group, backend.Kind, backend.Namespace, backend.Name, backend.Port), backend.Weight);
    }

    public override Task WriteStatusAsync(ApiClient client, RouteStatus status, CancellationToken cancellationToken) =>
        client.UpdateStatusAsync(route with { Status = status }, cancellationToken);
}
