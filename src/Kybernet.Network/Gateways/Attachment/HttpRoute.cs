using Kybernet.Api.Gateway.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Filters;
using Kybernet.Network.Gateways.Routing;
using Kybernet.Network.Gateways.Statuses;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>An HTTPRoute.</summary>
internal sealed class HttpRoute(HTTPRoute route) : Route(GatewayApi.Kinds.HttpRoute, route.Metadata)
{
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
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException)
        {
            return new CompiledRoute([], new Problem(GatewayApi.Reasons.UnsupportedValue, e.Message), backends.Problem);
        }
    }

    public override Task WriteStatusAsync(ApiClient client, RouteStatus status, CancellationToken cancellationToken) =>
        client.UpdateStatusAsync(route with { Status = status }, cancellationToken);

    private static RouteRule Rule(HTTPRouteRule rule, BackendResolver backends)
    {
        var filters = FilterCompiler.Compile(rule.Filters, backends);
        var targets = rule.BackendRefs.Select(backend => Target(backend, backends)).ToList();
        return new RouteRule
        {
            Matches = rule.Matches.Count == 0 ? [new RouteMatch()] : [.. rule.Matches.Select(Match)],
            Filters = filters ?? FilterSet.None,
            Targets = filters is null ? WeightedTargets.None : new WeightedTargets(targets),
            RequestTimeout = Durations.Parse(rule.Timeouts?.Request),
            BackendTimeout = Durations.Parse(rule.Timeouts?.BackendRequest),
        };
    }

    private static RouteTarget Target(HTTPBackendRef backend, BackendResolver backends)
    {
        var target = backends.Resolve(new BackendName(backend.Group, backend.Kind, backend.Namespace, backend.Name, backend.Port), backend.Weight);
        return FilterCompiler.Compile(backend.Filters, backends) is { } filters ? target with { Filters = filters } : target with { Backend = null };
    }

    private static RouteMatch Match(HTTPRouteMatch match)
    {
        var path = match.Path?.Value ?? "/";
        var kind = match.Path?.Type switch { "Exact" => PathKind.Exact, "RegularExpression" => PathKind.Regex, _ => PathKind.Prefix };
        return new RouteMatch
        {
            PathKind = kind,
            Path = kind == PathKind.Prefix ? path.TrimEnd('/') : path,
            PathPattern = kind == PathKind.Regex ? ValueMatch.WholeText(path) : null,
            Method = match.Method,
            Headers = [.. match.Headers.Select(static header => new NamedMatch(header.Name, ValueMatch.Create(header.Value, IsRegex(header.Type))))],
            Query = [.. match.QueryParams.Select(static query => new NamedMatch(query.Name, ValueMatch.Create(query.Value, IsRegex(query.Type))))],
        };
    }

    private static bool IsRegex(string? type) => type == "RegularExpression";
}
