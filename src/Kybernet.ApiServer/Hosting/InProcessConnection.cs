using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Streaming.Proxying;
using Kybernet.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kybernet.ApiServer.Hosting;

/// <summary>Stands in for the connection that a proxied request of a component of the same process would have come over: its answer is kept.</summary>
internal static class InProcessConnection
{
    /// <summary>The connection of a request; null where it needs none.</summary>
    public static HttpContext? Of(ApiCall call, RequestInfo info)
    {
        if (info.Subresource != ProxyHandler.Proxy)
        {
            return null;
        }
        var context = new DefaultHttpContext();
        context.Request.Method = call.Method.Method;
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = call.PathAndQuery;
        var question = call.PathAndQuery.IndexOf('?');
        context.Request.QueryString = new QueryString(question < 0 ? "" : call.PathAndQuery[question..]);
        context.Response.Body = new MemoryStream();
        return context;
    }

    /// <summary>Has an answer written, and reads it.</summary>
    public static async Task<ApiReply> ReadAsync(ConnectionResponse response, HttpContext context, CancellationToken cancellationToken)
    {
        await response.Run(context, cancellationToken);
        return new ApiReply(context.Response.StatusCode, ((MemoryStream)context.Response.Body).ToArray());
    }
}
