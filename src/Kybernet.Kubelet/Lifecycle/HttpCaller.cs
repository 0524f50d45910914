using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Lifecycle;

/// <summary>What an HTTP call found.</summary>
/// <param name="StatusCode">The last answer's.</param>
/// <param name="Body">The beginning of its body.</param>
internal sealed record HttpFinding(int StatusCode, string Body);

/// <summary>
/// Calls containers over HTTP for probes and hooks: a connection a call, so that a container that hangs up is noticed, and whatever certificate it
/// shows, for a container has no name to be held to.
/// </summary>
internal sealed class HttpCaller : IDisposable
{
    private const int MaxBody = 10 << 10;
    private const int MaxRedirects = 10;

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Sends a GET and follows redirects that stay on the host.</summary>
    /// <exception cref="HttpRequestException">There is no answer; the message says why as Go's client would.</exception>
    public async Task<HttpFinding> GetAsync(Uri url, IReadOnlyList<HTTPHeader> headers, string userAgent, CancellationToken cancellationToken)
    {
        var current = url;
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, current);
            request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
            request.Headers.TryAddWithoutValidation("Accept", "*/*");
            foreach (var header in headers)
            {
                if (header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase))
                {
                    request.Headers.Host = header.Value;
                    continue;
                }
                request.Headers.Remove(header.Name);
                request.Headers.TryAddWithoutValidation(header.Name, header.Value);
            }
            using var response = await SendAsync(request, url, cancellationToken);
            var next = response.Headers.Location is { } location ? new Uri(current, location) : null;
            // Where another host is meant the answer counts as it is: nobody may send the kubelet elsewhere.
            if ((int)response.StatusCode is >= 300 and < 400 && next is not null && next.Host == url.Host && redirects < MaxRedirects)
            {
                current = next;
                continue;
            }
            return new HttpFinding((int)response.StatusCode, await ReadBodyAsync(response, cancellationToken));
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Uri url, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.InnerException is SocketException socket)
        {
            throw new HttpRequestException($"Get \"{url}\": dial tcp {url.Host}:{url.Port}: connect: {DialProblem(socket)}", exception);
        }
    }

    /// <summary>What Go calls a socket's error.</summary>
    public static string DialProblem(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.HostUnreachable => "no route to host",
        SocketError.NetworkUnreachable => "network is unreachable",
        SocketError.ConnectionReset => "connection reset by peer",
        SocketError.TimedOut => "connection timed out",
        _ => exception.Message,
    };

    private static async Task<string> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxBody];
        var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }
}
