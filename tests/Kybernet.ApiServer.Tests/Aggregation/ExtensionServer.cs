using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Tests.Aggregation;

/// <summary>A small API server that extends the API: <c>flunders</c> of <c>wardle.example.com/v1alpha1</c>, kept in memory.</summary>
internal sealed class ExtensionServer : IAsyncDisposable
{
    public const string Group = "wardle.example.com";
    public const string Version = $"/apis/{Group}/v1alpha1";
    public const string Flunders = $"{Version}/namespaces/default/flunders";
    public const string Name = $"v1alpha1.{Group}";

    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, string> _flunders = new(StringComparer.Ordinal);

    private ExtensionServer(WebApplication application, string authority) => (_application, Authority) = (application, authority);

    public string Authority { get; }

    public int Port => new Uri(_application.Urls.First()).Port;

    /// <summary>The requests that came, with their headers and the subject of the certificate that they came with.</summary>
    public ConcurrentQueue<(string Method, string Path, IHeaderDictionary Headers, string Certificate)> Asked { get; } = new();

    /// <summary>What it answers to everything, in place of the usual; 0 for the usual.</summary>
    public int Refusal { get; set; }

    public static async Task<ExtensionServer> StartAsync()
    {
        var certificate = ServerCertificate.For("sample.default.svc");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = static (_, _, _) => true;
        })));
        var application = builder.Build();
        var server = new ExtensionServer(application, Convert.ToBase64String(Encoding.UTF8.GetBytes(certificate.ExportCertificatePem())));
        application.UseWebSockets();
        application.Run(server.HandleAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Its APIService.</summary>
    public string Registration(string authority) => $$"""
        {"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"{{Name}}"},
         "spec":{"group":"{{Group}}","version":"v1alpha1","groupPriorityMinimum":2000,"versionPriority":200,"caBundle":"{{authority}}",
                 "service":{"namespace":"default","name":"sample","port":{{Port}} } } }
        """;

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Asked.Enqueue((context.Request.Method, path, new HeaderDictionary(context.Request.Headers.ToDictionary()), context.Connection.ClientCertificate?.Subject ?? ""));
        if (Refusal > 0)
        {
            context.Response.StatusCode = Refusal;
        }
        else if (context.WebSockets.IsWebSocketRequest)
        {
            await EchoAsync(context);
        }
        else if (path == Version)
        {
            await AnswerAsync(context, 200, $$"""
                {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"{{Group}}/v1alpha1","resources":[
                  {"name":"flunders","singularName":"flunder","namespaced":true,"kind":"Flunder","shortNames":["fl"],"verbs":["create","delete","get","list"]},
                  {"name":"flunders/status","singularName":"","namespaced":true,"kind":"Flunder","verbs":["get"]}]}
                """);
        }
        else if (path == Flunders && HttpMethods.IsPost(context.Request.Method))
        {
            var item = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
            item["metadata"]!["namespace"] = "default";
            _flunders[(string)item["metadata"]!["name"]!] = item.ToJsonString();
            await AnswerAsync(context, 201, item.ToJsonString());
        }
        else if (path == Flunders)
        {
            await AnswerAsync(context, 200, $$"""{"kind":"FlunderList","apiVersion":"{{Group}}/v1alpha1","metadata":{},"items":[{{string.Join(',', _flunders.Values)}}]}""");
        }
        else if (_flunders.TryGetValue(path[(path.LastIndexOf('/') + 1)..], out var known))
        {
            if (HttpMethods.IsDelete(context.Request.Method))
            {
                _flunders.TryRemove(path[(path.LastIndexOf('/') + 1)..], out _);
            }
            await AnswerAsync(context, 200, known);
        }
        else
        {
            await AnswerAsync(context, 404, """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","message":"no such flunder","code":404}""");
        }
    }

    private static Task AnswerAsync(HttpContext context, int code, string json)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, context.RequestAborted);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[1024];
        var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
        await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Text, true, context.RequestAborted);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
    }
}
