using System.Net;
using System.Net.Security;
using Kybernet.Api;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kybernet.ApiServer.Streaming.Proxying;

/// <summary>Serves the <c>proxy</c> of pods, Services and nodes: HTTP, and whatever a connection is upgraded to.</summary>
internal sealed class ProxyHandler : ISubresourceHandler, IDisposable
{
    /// <summary>The subresource.</summary>
    public const string Proxy = "proxy";

    private readonly HttpMessageInvoker _backends = new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(30),
    });

    private readonly ProxyLocator _locator;

    /// <summary>Makes the handler.</summary>
    public ProxyHandler(IObjectFeeds feeds, KubeletConnections kubelets) => _locator = new ProxyLocator(feeds, kubelets, _backends);

    /// <inheritdoc/>
    public IEnumerable<(GroupResource Resource, string Subresource)> Handles { get; } =
        [(RbacResources.Pods, Proxy), (new GroupResource("", "services"), Proxy), (RbacResources.Nodes, Proxy)];

    /// <inheritdoc/>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var context = request.HttpContext ?? throw ApiError.BadRequest("only requests that come over HTTPS are proxied");
        var target = _locator.Find(request.Info);
        var path = ProxyPath.Of(context, request.Info);
        var upgrade = ProxyExchange.UpgradeOf(context);
        if (upgrade.Length == 0 && path.Rest.Length == 0 && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
        {
            return new ConnectionResponse((client, _) => RedirectAsync(client, path));
        }
        var response = await SendAsync(target, path, context, upgrade, cancellationToken);
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            return new ConnectionResponse((client, token) => ProxyExchange.JoinAsync(response, client, token));
        }
        ProxyExchange.CheckUpgrade(response, upgrade);
        var links = new ProxyLinks(path.Prefix, target.Authority, context.Request.Host.Value ?? "");
        return new ConnectionResponse((client, token) => PassOnAsync(response, links, client, token));
    }

    /// <inheritdoc/>
    public void Dispose() => _backends.Dispose();

    /// <summary>Relative links of what is at the root only work below a slash.</summary>
    private static Task RedirectAsync(HttpContext context, ProxyPath path)
    {
        context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
        context.Response.Headers.Location = $"{path.Prefix}/{path.Query}";
        return Task.CompletedTask;
    }

    private static async Task<HttpResponseMessage> SendAsync(
        ProxyTarget target, ProxyPath path, HttpContext context, string upgrade, CancellationToken cancellationToken)
    {
        var rest = path.Rest.Length > 0 ? path.Rest : "/";
        // The path is the target's to understand: dots and escapes go through as the client wrote them.
        var location = new Uri(target.Origin + rest + path.Query, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var message = new HttpRequestMessage(new HttpMethod(context.Request.Method), location)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (upgrade.Length == 0 && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = null; // the limit is for objects
            }
            message.Content = new StreamContent(context.Request.Body);
        }
        ProxyHeaders.CopyTo(message, context);
        message.Headers.TryAddWithoutValidation("X-Forwarded-Uri", path.Prefix + rest);
        ProxyExchange.AskForUpgrade(message, upgrade);
        try
        {
            return await target.Way.SendAsync(message, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw ApiError.Unavailable($"error trying to reach service: {(exception.InnerException ?? exception).Message}");
        }
    }

    private static async Task PassOnAsync(HttpResponseMessage response, ProxyLinks links, HttpContext context, CancellationToken cancellationToken)
    {
        using (response)
        {
            context.Response.StatusCode = (int)response.StatusCode;
            ProxyHeaders.CopyTo(context.Response, response);
            if (context.Response.Headers.Location is [{ } location])
            {
                context.Response.Headers.Location = links.Rewrite(location);
            }
            if (!HtmlRewriting.Applies(response) || HttpMethods.IsHead(context.Request.Method))
            {
                await ProxyExchange.CopyBodyAsync(response, context, cancellationToken);
                return;
            }
            try
            {
                var page = await HtmlRewriting.ReadAsync(response, links, cancellationToken);
                context.Response.ContentLength = page.Length;
                await context.Response.Body.WriteAsync(page, cancellationToken);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
            {
                // The target went away in the middle: the client has to see that this is not the end.
                context.Abort();
            }
        }
    }
}
