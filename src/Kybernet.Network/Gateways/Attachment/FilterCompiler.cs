using Kybernet.Api.Gateway.V1;
using Kybernet.Network.Gateways.Filters;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>Makes of filters what is done with requests.</summary>
internal static class FilterCompiler
{
    private const int Percent = 100;

    /// <summary>The filters of an HTTP route; null where one of them is of a kind that is not known: it must not be passed over.</summary>
    public static FilterSet? Compile(IReadOnlyList<HTTPRouteFilter> filters, BackendResolver backends)
    {
        var set = FilterSet.None;
        foreach (var filter in filters)
        {
            switch (filter)
            {
                case { RequestHeaderModifier: { } headers }:
                    set = set with { RequestHeaders = new HeaderChanges(headers) };
                    break;
                case { ResponseHeaderModifier: { } headers }:
                    set = set with { ResponseHeaders = new HeaderChanges(headers) };
                    break;
                case { RequestRedirect: { } redirect }:
                    set = set with { Redirect = new Redirect(redirect) };
                    break;
                case { UrlRewrite: { } rewrite }:
                    set = set with { Rewrite = new Rewrite(rewrite.Hostname, rewrite.Path is { } path ? new PathChange(path) : null) };
                    break;
                case { RequestMirror: { } mirror }:
                    set = set with { Mirrors = [.. set.Mirrors, Mirror(mirror, backends)] };
                    break;
                case { Cors: { } cors }:
                    set = set with { Cors = new CorsPolicy(cors) };
                    break;
                default:
                    ReportUnknown(filter.Type, filter.ExtensionRef, backends);
                    return null;
            }
        }
        return set;
    }

    /// <summary>The filters of a gRPC route, as above: what there is of them is as in HTTP, only that copies too are sent in HTTP/2.</summary>
    public static FilterSet? Compile(IReadOnlyList<GRPCRouteFilter> filters, BackendResolver backends) =>
        Compile([.. filters.Select(AsHttp)], backends) is { } set
        ? set with { Mirrors = [.. set.Mirrors.Select(static mirror => mirror with { Target = mirror.Target with { IsHttp2 = true } })] }
        : null;

    private static HTTPRouteFilter AsHttp(GRPCRouteFilter filter) => new()
    {
        Type = filter.Type,
        RequestHeaderModifier = filter.RequestHeaderModifier,
        ResponseHeaderModifier = filter.ResponseHeaderModifier,
        RequestMirror = filter.RequestMirror,
        ExtensionRef = filter.ExtensionRef,
    };

    private static Mirror Mirror(HTTPRequestMirrorFilter mirror, BackendResolver backends)
    {
        var backend = mirror.BackendRef;
        var target = backends.Resolve(new BackendName(backend.Group, backend.Kind, backend.Namespace, backend.Name, backend.Port), weight: null);
        return mirror.Fraction is { } fraction
            ? new Mirror(target, fraction.Numerator, fraction.Denominator ?? Percent)
            : new Mirror(target, mirror.Percent ?? Percent, Percent);
    }

    private static void ReportUnknown(string type, LocalObjectReference? extension, BackendResolver backends) =>
        backends.Report(GatewayApi.Reasons.InvalidKind, extension is null ? $"filter {type} is not known" : $"filter {extension.Kind} {extension.Name} is not known");
}
