using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kybernet.ApiServer.Streaming.Proxying;

/// <summary>What is the same of every exchange that is proxied, whoever answers it.</summary>
internal static class ProxyExchange
{
    /// <summary>What a client wants its connection upgraded to; empty for nothing.</summary>
    public static string UpgradeOf(HttpContext context) =>
        context.Request.Headers.Connection.ToString().Contains("upgrade", StringComparison.OrdinalIgnoreCase) ? context.Request.Headers.Upgrade.ToString() : "";

    /// <summary>Passes the wish for an upgrade on.</summary>
    public static void AskForUpgrade(HttpRequestMessage message, string upgrade)
    {
        if (upgrade.Length > 0)
        {
            message.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            message.Headers.TryAddWithoutValidation("Upgrade", upgrade);
        }
    }

    /// <summary>Checks an answer that is no upgrade though one was asked for.</summary>
    /// <exception cref="ApiError">It pretends to be a success.</exception>
    public static void CheckUpgrade(HttpResponseMessage response, string upgrade)
    {
        if (upgrade.Length > 0 && (int)response.StatusCode < 400)
        {
            using (response)
            {
                throw ApiError.Internal($"invalid upgrade response: status code {(int)response.StatusCode}");
            }
        }
    }

    /// <summary>Joins the client's connection and the target's, which is upgraded.</summary>
    public static async Task JoinAsync(HttpResponseMessage response, HttpContext context, CancellationToken cancellationToken)
    {
        using (response)
        {
            ProxyHeaders.CopyTo(context.Response, response);
            context.Response.Headers.Upgrade = string.Join(", ", response.Headers.Upgrade);
            await using var backend = await response.Content.ReadAsStreamAsync(cancellationToken);
            await using var client = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            await ByteTunnel.RunAsync(client, backend, cancellationToken);
        }
    }

    /// <summary>Sends the target's answer to the client as it comes; its head is there already.</summary>
    public static async Task CopyBodyAsync(HttpResponseMessage response, HttpContext context, CancellationToken cancellationToken)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }
        try
        {
            await context.Response.StartAsync(cancellationToken);
            await context.Response.Body.FlushAsync(cancellationToken);
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            await StreamCopy.RunAsync(body, context.Response.Body, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // The target went away in the middle: the client has to see that this is not the end.
            context.Abort();
        }
    }
}
