using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Tests.Admission.Webhooks;

/// <summary>A webhook over HTTPS, whose certificate is for <c>127.0.0.1</c> and for the Service <c>hook</c> in <c>default</c>.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private WebhookServer(WebApplication application, string authority) => (_application, Authority) = (application, authority);

    /// <summary>Who signed its certificate, base64 of PEM.</summary>
    public string Authority { get; }

    public int Port => new Uri(_application.Urls.First()).Port;

    /// <summary>What it was asked, in order.</summary>
    public ConcurrentQueue<JsonObject> Asked { get; } = new();

    /// <summary>What it answers to a request, beside the uid: lets everything in unless told otherwise.</summary>
    public Func<JsonObject, JsonObject> Answer { get; set; } = static _ => Allowed();

    /// <summary>Answers in its place; null for the usual answer.</summary>
    public Func<HttpContext, JsonObject, Task>? Instead { get; set; }

    public static JsonObject Allowed(params (string Op, string Path, JsonNode? Value)[] changes)
    {
        var patch = new JsonArray([.. changes.Select(static change => (JsonNode)new JsonObject { ["op"] = change.Op, ["path"] = change.Path, ["value"] = change.Value })]);
        return changes.Length == 0
            ? new JsonObject { ["allowed"] = true }
            : new JsonObject { ["allowed"] = true, ["patchType"] = "JSONPatch", ["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(patch.ToJsonString())) };
    }

    public static JsonObject Denied(string message) => new() { ["allowed"] = false, ["status"] = new JsonObject { ["message"] = message, ["code"] = 403, ["reason"] = "Forbidden" } };

    public static async Task<WebhookServer> StartAsync()
    {
        var certificate = ServerCertificate.For("hook.default.svc");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var application = builder.Build();
        var server = new WebhookServer(application, Convert.ToBase64String(Encoding.UTF8.GetBytes(certificate.ExportCertificatePem())));
        application.Run(server.HandleAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Makes a configuration of this webhook, reached by its URL.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="kind"><c>Validating</c> or <c>Mutating</c>.</param>
    /// <param name="rule">The rule about which requests it is about.</param>
    /// <param name="more">More of the webhook, as JSON.</param>
    /// <param name="name">The configuration's name.</param>
    public async Task ConfigureAsync(TestServer server, string kind, string rule, string more = "{}", string name = "test")
    {
        var (code, body) = await TryConfigureAsync(server, kind, rule, more, name);
        Assert.True(code == 201, body?.ToJsonString());
    }

    public Task<(int Code, JsonNode? Body)> TryConfigureAsync(TestServer server, string kind, string rule, string more = "{}", string name = "test")
    {
        var hook = new JsonObject
        {
            ["name"] = $"{name}.example.com",
            ["clientConfig"] = new JsonObject { ["url"] = $"https://127.0.0.1:{Port}/hook/{name}", ["caBundle"] = Authority },
            ["rules"] = new JsonArray(JsonNode.Parse(rule)),
            ["sideEffects"] = "None",
            ["admissionReviewVersions"] = new JsonArray("v1"),
        };
        foreach (var (field, value) in JsonNode.Parse(more)!.AsObject())
        {
            hook[field] = value?.DeepClone();
        }
        var configuration = new JsonObject
        {
            ["apiVersion"] = "admissionregistration.k8s.io/v1",
            ["kind"] = $"{kind}WebhookConfiguration",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["suite"] = "webhooks" } },
            ["webhooks"] = new JsonArray(hook),
        };
        return server.SendAsync(HttpMethod.Post, Configurations(kind), configuration.ToJsonString());
    }

    public static string Configurations(string kind) => $"/apis/admissionregistration.k8s.io/v1/{kind.ToLowerInvariant()}webhookconfigurations";

    public static string Rule(string group, string resource, string operations = "*", string version = "v1") =>
        $$"""{"apiGroups":["{{group}}"],"apiVersions":["{{version}}"],"operations":["{{operations.Replace(",", "\",\"", StringComparison.Ordinal)}}"],"resources":["{{resource}}"]}""";

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        var review = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject();
        var request = review["request"]!.AsObject();
        request["path"] = $"{context.Request.Path}{context.Request.QueryString}";
        Asked.Enqueue(request);
        if (Instead is { } instead)
        {
            await instead(context, request);
            return;
        }
        var response = Answer(request);
        response["uid"] ??= (string)request["uid"]!;
        review.Remove("request");
        review["response"] = response;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(review.ToJsonString(), context.RequestAborted);
    }
}
