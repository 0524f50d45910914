using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Hosting;
using Kybernet.Client;
using Kybernet.Store.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.ApiServer.Tests.Streaming;

/// <summary>An API server on HTTPS with a node whose kubelet is a script, and a pod <c>web</c> on it. What it makes goes when it is disposed.</summary>
internal sealed class StreamingServer : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kybernet-streaming-").FullName; // kubectl's
    private readonly MemoryStore _store;
    private readonly ApiServerHost _host;
    private readonly X509Certificate2 _client;

    private StreamingServer(MemoryStore store, ApiServerHost host, FakeKubelet kubelet, X509Certificate2 client)
    {
        _store = store;
        _host = host;
        _client = client;
        Kubelet = kubelet;
        Http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = Tls,
        })
        {
            BaseAddress = new Uri($"https://127.0.0.1:{host.Port}"),
        };
    }

    public FakeKubelet Kubelet { get; }

    public HttpClient Http { get; }

    /// <summary>How clients prove to be the administrator.</summary>
    public SslClientAuthenticationOptions Tls => new()
    {
        ClientCertificates = [_client],
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };

    /// <summary>Whether kubectl streams over WebSockets, or over SPDY as it used to.</summary>
    public bool UsesWebSockets { get; set; } = true;

    public static async Task<StreamingServer> StartAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var store = new MemoryStore(TimeProvider.System);
        var authority = Certificate("CN=ca", null, "");
        var kubelet = await FakeKubelet.StartAsync(Certificate("CN=n1", authority, "1.3.6.1.5.5.7.3.1"), cancellationToken);
        var client = Certificate("O=system:masters,CN=admin", authority, "1.3.6.1.5.5.7.3.2");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var host = await ApiServerHost.StartAsync(
            store,
            new ApiServerOptions
            {
                Listen = new ListenOptions(IPAddress.Loopback, 0, Certificate("CN=server", authority, "1.3.6.1.5.5.7.3.1")),
                ClientAuthorities = [authority],
                KubeletAuthorities = [authority],
                KubeletClientCertificate = Certificate("CN=apiserver", authority, "1.3.6.1.5.5.7.3.2"),
                FrontProxyClientCertificate = Certificate("CN=front-proxy-client", authority, "1.3.6.1.5.5.7.3.2"),
                FrontProxyAuthorities = [authority],
                ServiceAccountKeyPem = key.ExportPkcs8PrivateKeyPem(),
            },
            TimeProvider.System,
            NullLoggerFactory.Instance,
            cancellationToken);
        var server = new StreamingServer(store, host, kubelet, client);
        await server.MakeObjectsAsync(cancellationToken);
        return server;
    }

    public async Task<ClientWebSocket> ConnectAsync(string subresource, string query, string protocol)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(protocol);
        socket.Options.ClientCertificates = [_client];
        socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        await socket.ConnectAsync(
            new Uri($"wss://127.0.0.1:{_host.Port}/api/v1/namespaces/default/pods/web/{subresource}?{query}"), TestContext.Current.CancellationToken);
        Assert.Equal(protocol, socket.SubProtocol);
        return socket;
    }

    /// <summary>Opens a WebSocket by hand: the framework's client refuses the slash in the subprotocol of tunnels.</summary>
    public async Task<WebSocket> TunnelAsync(string subresource, string query, string protocol)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/namespaces/default/pods/web/{subresource}?{query}");
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", protocol);
        var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        Assert.Equal(protocol, response.Headers.GetValues("Sec-WebSocket-Protocol").Single());
        return WebSocket.CreateFromStream(
            await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), new WebSocketCreationOptions { IsServer = false });
    }

    /// <summary>Runs stock kubectl against the server.</summary>
    public async Task<(int Code, string Output, string Error)> KubectlAsync(string input, params string[] arguments)
    {
        using var process = await StartKubectlAsync(arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Starts stock kubectl, which the caller ends.</summary>
    public async Task<Process> StartKubectlAsync(params string[] arguments)
    {
        var kubeconfig = Path.Combine(_directory, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, Kubeconfig(), TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("kubectl", ["--kubeconfig", kubeconfig, "--cache-dir", Path.Combine(_directory, "cache"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECTL_REMOTE_COMMAND_WEBSOCKETS"] = start.Environment["KUBECTL_PORT_FORWARD_WEBSOCKETS"] = UsesWebSockets ? "true" : "false";
        return Process.Start(start)!;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.DisposeAsync();
        await Kubelet.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    internal static X509Certificate2 Certificate(string subject, X509Certificate2? authority, string purpose)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        if (authority is null)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(2));
        }
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, now.AddHours(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using var whole = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    private async Task MakeObjectsAsync(CancellationToken cancellationToken)
    {
        await using var admin = _host.ConnectAs(new UserInfo("admin", ["system:masters", "system:authenticated"]));
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"default"}}""");
        await SendAsync(HttpMethod.Post, "/api/v1/nodes", """{"metadata":{"name":"n1"}}""");
        await SendAsync(HttpMethod.Patch, "/api/v1/nodes/n1/status", $$$"""
            {"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":{{{Kubelet.Port}}} } } } }
            """);
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", """
            {"metadata":{"name":"web"},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"i"}]}}
            """);
        await SendAsync(HttpMethod.Patch, "/api/v1/namespaces/default/pods/web/status", """{"status":{"phase":"Running"}}""");
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", """
            {"metadata":{"name":"waiting"},"spec":{"containers":[{"name":"a","image":"i"},{"name":"b","image":"i"}]}}
            """);

        async Task SendAsync(HttpMethod method, string path, string body)
        {
            var call = new ApiCall(method, path)
            {
                Body = Encoding.UTF8.GetBytes(body),
                ContentType = method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json",
            };
            ApiClient.ThrowIfFailed(await admin.SendAsync(call, cancellationToken));
        }
    }

    private string Kubeconfig() => $$$"""
        {"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],
        "clusters":[{"name":"c","cluster":{"server":"https://127.0.0.1:{{{_host.Port}}}","insecure-skip-tls-verify":true}}],
        "users":[{"name":"u","user":{
        "client-certificate-data":"{{{Convert.ToBase64String(Encoding.ASCII.GetBytes(_client.ExportCertificatePem()))}}}",
        "client-key-data":"{{{Convert.ToBase64String(Encoding.ASCII.GetBytes(_client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()))}}}"}}]}
        """;
}
