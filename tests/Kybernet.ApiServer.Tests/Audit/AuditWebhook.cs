using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Tests.Audit;

/// <summary>A webhook over HTTPS that takes audit events, at the path <c>/events</c>.</summary>
internal sealed class AuditWebhook : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly string _authority;

    private AuditWebhook(WebApplication application, string authority) => (_application, _authority) = (application, authority);

    /// <summary>What was sent, and taken.</summary>
    public ConcurrentQueue<JsonObject> Taken { get; } = new();

    /// <summary>What it answers, asked with each call; may wait.</summary>
    public Func<Task<int>> Answer { get; set; } = static () => Task.FromResult(200);

    /// <summary>All events that were taken.</summary>
    public JsonObject[] Events => [.. Taken.SelectMany(static list => list["items"]!.AsArray()).Select(static item => item!.AsObject())];

    public string Kubeconfig => $$$"""
        {"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],
        "clusters":[{"name":"c","cluster":{"server":"{{{_application.Urls.First()}}}/events","certificate-authority-data":"{{{_authority}}}"}}],"users":[{"name":"u","user":{"token":"t"}}]}
        """;

    public static async Task<AuditWebhook> StartAsync()
    {
        var certificate = ServerCertificate.For("audit");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var application = builder.Build();
        var webhook = new AuditWebhook(application, Convert.ToBase64String(Encoding.UTF8.GetBytes(certificate.ExportCertificatePem())));
        application.Run(webhook.HandleAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        return webhook;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        var list = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject();
        context.Response.StatusCode = context.Request.Path == "/events" && context.Request.Headers.Authorization == "Bearer t" ? await Answer() : 404;
        if (context.Response.StatusCode == 200)
        {
            Taken.Enqueue(list);
        }
    }
}
