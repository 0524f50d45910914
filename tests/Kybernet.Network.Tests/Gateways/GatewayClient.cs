using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>What was answered: by whom, and how.</summary>
internal sealed record Answer(int Status, string Backend, IReadOnlyList<string> Lines, HttpResponseMessage Response)
{
    /// <summary>The status, and the backend where one answered.</summary>
    public override string ToString() => Status == 200 ? Backend : Status.ToString(null, null);
}

/// <summary>A client that reaches a Gateway whatever the name in the URL; each ask is a connection of its own.</summary>
internal sealed class GatewayClient(IReadOnlyDictionary<int, int> ports)
{
    /// <summary>The certificate to show; null for none.</summary>
    public X509Certificate2? Certificate { get; init; }

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public IReadOnlyDictionary<int, int> Ports => ports;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Asks; headers as in <c>Name: value</c>.</summary>
    public async Task<Answer> AskAsync(string url, params string[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var header in headers)
        {
            var colon = header.IndexOf(": ", StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 2)..]);
        }
        return await SendAsync(request);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request, string? serverName = null, Action<X509Certificate2>? onCertificate = null)
    {
        using var client = new HttpMessageInvoker(Handler(serverName, onCertificate));
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, Token);
        var response = await client.SendAsync(request, either.Token);
        var lines = (await response.Content.ReadAsStringAsync(either.Token)).Split('\n');
        return new Answer((int)response.StatusCode, lines[0], lines, response);
    }

    /// <summary>Who answers, or the code where nobody does.</summary>
    public async Task<string> WhoAsync(string url, params string[] headers) => (await AskAsync(url, headers)).ToString();

    /// <summary>Asks until it is answered as is wished for.</summary>
    public Task BecomesAsync(string url, string who, params string[] headers) => GatewayFixture.BecomesAsync(() => WhoAsync(url, headers), who);

    /// <summary>The subject of the certificate that is shown.</summary>
    public async Task<string> SubjectAsync(string url)
    {
        var subject = "";
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        await SendAsync(request, onCertificate: certificate => subject = certificate.Subject);
        return subject;
    }

    /// <summary>Asks until the certificate is shown that is wished for.</summary>
    public Task ShowsAsync(string url, string subject) => GatewayFixture.BecomesAsync(() => SubjectAsync(url), subject);

    public async Task<Socket> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, ports[port]), cancellationToken);
        return socket;
    }

    public async Task<bool> IsOpenAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            (await ConnectAsync(port, cancellationToken)).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <param name="serverName">The name to begin TLS with, where it is not that of the URL: the URL is one without TLS then.</param>
    /// <param name="onCertificate">Is shown the certificate.</param>
    public SocketsHttpHandler Handler(string? serverName = null, Action<X509Certificate2>? onCertificate = null)
    {
        var ssl = new SslClientAuthenticationOptions
        {
            TargetHost = serverName,
            ClientCertificateContext = Certificate is null ? null : SslStreamCertificateContext.Create(Certificate, [], offline: true),
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                onCertificate?.Invoke((X509Certificate2)certificate!);
                return true;
            },
        };
        return new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = ssl,
            ConnectCallback = async (context, cancellationToken) =>
            {
                var stream = new NetworkStream(await ConnectAsync(context.DnsEndPoint.Port, cancellationToken), ownsSocket: true);
                if (serverName is null)
                {
                    return stream;
                }
                var secured = new SslStream(stream);
                await secured.AuthenticateAsClientAsync(ssl, cancellationToken);
                return secured;
            },
        };
    }
}
