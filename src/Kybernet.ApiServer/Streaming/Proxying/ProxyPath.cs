using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kybernet.ApiServer.Streaming.Proxying;

/// <summary>A proxied request's path in its two parts.</summary>
/// <param name="Prefix">The proxy's own, up to and with <c>/proxy</c>.</param>
/// <param name="Rest">What the target is asked for, escaped as the client wrote it; empty where the client wrote nothing, not even a slash.</param>
/// <param name="Query">The query with its question mark; empty for none.</param>
internal sealed record ProxyPath(string Prefix, string Rest, string Query)
{
    /// <summary>Takes the path of a request apart.</summary>
    public static ProxyPath Of(HttpContext context, RequestInfo info)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var path = target.Split('?', 2)[0];
        // Segments before the rest: api, v1, [namespaces, NAMESPACE,] RESOURCE, NAME, proxy.
        var at = 0;
        for (var segments = info.Namespace.Length > 0 ? 7 : 5; segments > 0 && at < path.Length; segments--)
        {
            var next = path.IndexOf('/', at + 1);
            at = next < 0 ? path.Length : next;
        }
        return new ProxyPath(path[..at], path[at..], context.Request.QueryString.Value ?? "");
    }
}
