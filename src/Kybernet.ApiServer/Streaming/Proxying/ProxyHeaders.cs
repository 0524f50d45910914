using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Kybernet.ApiServer.Streaming.Proxying;

/// <summary>What of a message's headers is passed on.</summary>
internal static class ProxyHeaders
{
    private static readonly FrozenSet<string> HopByHop = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Passes a client's headers on: neither those of its connection, nor what it proved to the API server with.</summary>
    public static void CopyTo(HttpRequestMessage message, HttpContext context)
    {
        var named = Named(context.Request.Headers.Connection);
        foreach (var (name, values) in context.Request.Headers)
        {
            if (HopByHop.Contains(name) || named.Contains(name) || IsCredential(name) || name.StartsWith(':'))
            {
                continue;
            }
            if (!message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }
        if (context.Connection.RemoteIpAddress is { } address)
        {
            var before = context.Request.Headers["X-Forwarded-For"].ToString();
            message.Headers.Remove("X-Forwarded-For");
            message.Headers.TryAddWithoutValidation("X-Forwarded-For", before.Length > 0 ? $"{before}, {address}" : address.ToString());
        }
    }

    /// <summary>Passes an answer's headers on.</summary>
    public static void CopyTo(HttpResponse response, HttpResponseMessage message)
    {
        var named = Named(message.Headers.TryGetValues("Connection", out var values) ? values.ToArray() : default(StringValues));
        foreach (var (name, value) in message.Headers.NonValidated.Concat(message.Content.Headers.NonValidated))
        {
            if (!HopByHop.Contains(name) && !named.Contains(name))
            {
                response.Headers[name] = value.ToArray();
            }
        }
    }

    private static bool IsCredential(string name) =>
        name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase);

    /// <summary>The headers that a message itself calls its connection's.</summary>
    private static HashSet<string> Named(StringValues connection) => connection
        .SelectMany(static line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        .ToHashSet(StringComparer.OrdinalIgnoreCase);
}
