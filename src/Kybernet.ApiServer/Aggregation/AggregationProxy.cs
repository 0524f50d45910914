using System.Net;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Streaming.Proxying;
using Kybernet.ApiServer.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Kybernet.ApiServer.Aggregation;

/// <summary>Has the servers that extend the API answer what is theirs, of whoever was authenticated and authorised here.</summary>
internal sealed class AggregationProxy(RemoteServices services, TargetConnections connections)
{
    /// <summary>Whose a request is; null where it is this server's own.</summary>
    public RemoteService? Find(ApiRequest request) => services.Find(request.Path);

    /// <summary>Has a request answered.</summary>
    /// <exception cref="ApiError">The connection should have been upgraded, and was not.</exception>
    public async ValueTask<ApiResponse> HandleAsync(RemoteService service, ApiRequest request, CancellationToken cancellationToken)
    {
        if (!service.IsAvailable)
        {
            return Unavailable("service unavailable");
        }
        if (request is { HttpContext: null, Info.Verb: "watch" })
        {
            throw ApiError.BadRequest("only requests that come over HTTPS are proxied for as long as a watch lasts");
        }
        var upgrade = request.HttpContext is { } context ? ProxyExchange.UpgradeOf(context) : "";
        HttpResponseMessage response;
        try
        {
            response = await SendAsync(service, request, upgrade, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or WebhookException)
        {
            return Unavailable($"error trying to reach service: {WebhookConnections.Reason(exception)}");
        }
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            return new ConnectionResponse((client, token) => ProxyExchange.JoinAsync(response, client, token));
        }
        ProxyExchange.CheckUpgrade(response, upgrade);
        return request.HttpContext is null
            ? await ReadAsync(response, cancellationToken)
            : new ConnectionResponse((client, token) => PassOnAsync(response, client, token));
    }

    // What is sent before there is any object is plain, as upstream's aggregator is.
    private static BodyResponse Unavailable(string message) => BodyResponse.Text(StatusCodes.Status503ServiceUnavailable, message + "\n");

    private async Task<HttpResponseMessage> SendAsync(RemoteService service, ApiRequest request, string upgrade, CancellationToken cancellationToken)
    {
        var origin = service.Target.Address.GetLeftPart(UriPartial.Authority);
        var path = request.HttpContext is { } context
            ? context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent()
            : Uri.EscapeDataString(request.Path).Replace("%2F", "/", StringComparison.Ordinal) + new QueryBuilder(request.Query).ToQueryString().ToUriComponent();
        using var message = new HttpRequestMessage(
            new HttpMethod(request.Method), new Uri(origin + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = request.Body.IsEmpty ? null : new ReadOnlyMemoryContent(request.Body),
        };
        if (request.HttpContext is { } client)
        {
            ProxyHeaders.CopyTo(message, client);
            message.Headers.Host = null; // the name that the server's certificate is for
        }
        else if (message.Content is { } content && request.ContentType.Length > 0)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }
        RemoteUser.Set(message, request.User ?? UserInfo.Anonymous);
        ProxyExchange.AskForUpgrade(message, upgrade);
        return await connections.To(service.Target).SendAsync(message, cancellationToken);
    }

    private static async Task PassOnAsync(HttpResponseMessage response, HttpContext context, CancellationToken cancellationToken)
    {
        using (response)
        {
            context.Response.StatusCode = (int)response.StatusCode;
            ProxyHeaders.CopyTo(context.Response, response);
            await ProxyExchange.CopyBodyAsync(response, context, cancellationToken);
        }
    }

    private static async Task<BodyResponse> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using (response)
        {
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return new BodyResponse((int)response.StatusCode, response.Content.Headers.ContentType?.ToString() ?? "application/json", body);
        }
    }
}
