using Kybernet.Network.Gateways.Filters;
using Kybernet.Network.Gateways.Routing;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>
/// Lets a request through with the host that it was sent to, unless a filter says otherwise, and says who sent it; what the client itself says of that is
/// not passed on. Does to the answer what filters say.
/// </summary>
/// <param name="match">What the request matched.</param>
/// <param name="rule">The filters of the rule.</param>
/// <param name="target">The filters of the backend.</param>
internal sealed class GatewayTransformer(RouteMatch match, FilterSet rule, FilterSet target) : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var request = httpContext.Request;
        var rewrite = target.Rewrite ?? rule.Rewrite;
        proxyRequest.Headers.Host = rewrite?.Hostname ?? request.Host.Value;
        proxyRequest.RequestUri = Address(request, rewrite, destinationPrefix);
        Set(proxyRequest, "X-Forwarded-For", httpContext.Connection.RemoteIpAddress?.ToString());
        Set(proxyRequest, "X-Forwarded-Host", request.Host.Value);
        Set(proxyRequest, "X-Forwarded-Proto", request.Scheme);
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var hasBody = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        var headers = httpContext.Response.Headers;
        target.ResponseHeaders?.Apply(headers);
        rule.ResponseHeaders?.Apply(headers);
        (target.Cors ?? rule.Cors)?.Apply(httpContext.Request, headers);
        return hasBody;
    }

    /// <summary>What a backend is asked for.</summary>
    private Uri Address(HttpRequest request, Rewrite? rewrite, string destinationPrefix)
    {
        var path = rewrite?.Path is { } change ? new PathString(change.Apply(request.Path.Value is { Length: > 0 } given ? given : "/", match)) : request.Path;
        return RequestUtilities.MakeDestinationAddress(destinationPrefix, path, request.QueryString);
    }

    private static void Set(HttpRequestMessage request, string name, string? value)
    {
        request.Headers.Remove(name);
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
