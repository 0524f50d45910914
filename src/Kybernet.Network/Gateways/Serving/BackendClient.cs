using System.Net;
using System.Net.Security;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>Makes the clients that send requests to backends.</summary>
internal static class BackendClient
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>One that speaks TLS where the backend's port says so, whatever certificate it shows: pods have none for the names that they are called by.</summary>
    public static HttpMessageInvoker Plain() => new(Handler(new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true }));

    /// <summary>One that speaks TLS as a policy says.</summary>
    public static HttpMessageInvoker For(BackendTls tls, SslApplicationProtocol protocol)
    {
        var handler = Handler(new SslClientAuthenticationOptions());
        handler.ConnectCallback = (context, cancellationToken) => tls.ConnectAsync(context.DnsEndPoint, protocol, cancellationToken);
        return new HttpMessageInvoker(handler);
    }

    private static SocketsHttpHandler Handler(SslClientAuthenticationOptions ssl) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        EnableMultipleHttp2Connections = true,
        ActivityHeadersPropagator = null, // trace headers are the client's and the backend's business
        ConnectTimeout = ConnectTimeout,
        SslOptions = ssl,
    };
}
