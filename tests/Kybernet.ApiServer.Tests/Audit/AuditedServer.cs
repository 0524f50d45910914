using System.Text.Json.Nodes;
using Kybernet.ApiServer.Hosting;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Audit;

/// <summary>An API server whose requests are recorded, told so by flags. What it makes goes when it is disposed.</summary>
internal sealed class AuditedServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private AuditedServer(DirectoryInfo folder, SecureServer server) => (_folder, Server) = (folder, server);

    public SecureServer Server { get; }

    public string Folder => _folder.FullName;

    public string Log => Path.Combine(Folder, "audit.log");

    /// <param name="rules">The rules of the policy, and what follows them.</param>
    /// <param name="flags">More flags.</param>
    /// <param name="webhook">A webhook to send events to; none for a file.</param>
    public static async Task<AuditedServer> StartAsync(string rules, Dictionary<string, string>? flags = null, AuditWebhook? webhook = null)
    {
        var folder = Directory.CreateTempSubdirectory("kybernet-audit-");
        var policy = Path.Combine(folder.FullName, "policy.yaml");
        await File.WriteAllTextAsync(policy, $$"""{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":{{rules}}}""", TestContext.Current.CancellationToken);
        var all = new Dictionary<string, string>(flags ?? []) { ["--audit-policy-file"] = policy };
        if (webhook is null)
        {
            all.TryAdd("--audit-log-path", Path.Combine(folder.FullName, "audit.log"));
        }
        else
        {
            all["--audit-webhook-config-file"] = Path.Combine(folder.FullName, "webhook.kubeconfig");
            await File.WriteAllTextAsync(all["--audit-webhook-config-file"], webhook.Kubeconfig, TestContext.Current.CancellationToken);
        }
        var server = await SecureServer.StartAsync(options => ApiServerFlags.Apply(options, all));
        return new AuditedServer(folder, server);
    }

    /// <summary>The events of requests whose identifier begins so, once there are enough of them.</summary>
    public Task<JsonObject[]> EventsAsync(string id, int count) => Eventually.HasAsync(
        () => Lines().Select(static line => JsonNode.Parse(line)!.AsObject()).Where(item => ((string)item["auditID"]!).StartsWith(id, StringComparison.Ordinal)).ToArray(),
        count);

    /// <summary>The lines of the log that are written to their end.</summary>
    public string[] Lines() => File.ReadAllText(Log).Split('\n')[..^1];

    /// <summary>Sends a request that is known by an identifier.</summary>
    public async Task<HttpResponseMessage> SendAsync(string id, HttpMethod method, string path, string body = "", string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Audit-ID", id);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, contentType);
        }
        return await Server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
