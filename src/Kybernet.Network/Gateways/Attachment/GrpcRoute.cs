using System.Text.RegularExpressions;
using Kybernet.Api.Gateway.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Filters;
using Kybernet.Network.Gateways.Routing;
using Kybernet.Network.Gateways.Statuses;
using ValueMatch = Kybernet.Network.Gateways.Routing.ValueMatch;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>A GRPCRoute: services and methods of gRPC are paths of HTTP.</summary>
internal sealed class GrpcRoute(GRPCRoute route) : Route(GatewayApi.Kinds.GrpcRoute, route.Metadata)
{
    private const string AnyElement = "[^/]+";

    public override IReadOnlyList<string> Hostnames => route.Spec.Hostnames;

    public override IReadOnlyList<ParentReference> ParentRefs => route.Spec.ParentRefs;

    public override RouteStatus Status => route.Status;

    public override CompiledRoute Compile(BackendResolver backends)
    {
        try
        {
            var rules = route.Spec.Rules.Select(rule => Rule(rule, backends)).ToList();
            return new CompiledRoute(rules, null, backends.Problem);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return new CompiledRoute([], new Problem(GatewayApi.Reasons.UnsupportedValue, e.Message), backends.Problem);
        }
    }

    public override Task WriteStatusAsync(ApiClient client, RouteStatus status, CancellationToken cancellationToken) =>
        client.UpdateStatusAsync(route with { Status = status }, cancellationToken);

    private static RouteRule Rule(GRPCRouteRule rule, BackendResolver backends)
    {
        var filters = FilterCompiler.Compile(rule.Filters, backends);
        var targets = rule.BackendRefs.Select(backend => Target(backend, backends)).ToList();
        return new RouteRule
        {
            Matches = rule.Matches.Count == 0 ? [new RouteMatch()] : [.. rule.Matches.Select(Match)],
            Filters = filters ?? FilterSet.None,
            Targets = filters is null ? WeightedTargets.None : new WeightedTargets(targets),
        };
    }

    private static RouteTarget Target(GRPCBackendRef backend, BackendResolver backends)
    {
        var target = backends.Resolve(new BackendName(backend.Group, backend.Kind, backend.Namespace, backend.Name, backend.Port), backend.Weight) with { IsHttp2 = true };
        return FilterCompiler.Compile(backend.Filters, backends) is { } filters ? target with { Filters = filters } : target with { Backend = null };
    }

    private static RouteMatch Match(GRPCRouteMatch match) => PathOf(match.Method) with
    {
        Headers =
        [
            .. match.Headers.Select(static header => new NamedMatch(header.Name, ValueMatch.Create(header.Value, header.Type == "RegularExpression"))),
        ],
    };

    private static RouteMatch PathOf(GRPCMethodMatch? method)
    {
        var (service, name) = (Given(method?.Service), Given(method?.Method));
        if (service is null && name is null)
        {
            return new RouteMatch();
        }
        if (method!.Type == "RegularExpression")
        {
            return Pattern($"/{(service is null ? AnyElement : $"(?:{service})")}/{(name is null ? AnyElement : $"(?:{name})")}");
        }
        return (service, name) switch
        {
            (null, _) => Pattern($"/{AnyElement}/{Regex.Escape(name!)}"),
            (_, null) => new RouteMatch { Path = $"/{service}" },
            _ => new RouteMatch { PathKind = PathKind.Exact, Path = $"/{service}/{name}" },
        };
    }

    private static RouteMatch Pattern(string pattern) =>
        new() { PathKind = PathKind.Regex, Path = pattern, PathPattern = ValueMatch.WholeText(pattern) };

    private static string? Given(string? text) => text is { Length: > 0 } ? text : null;
}
