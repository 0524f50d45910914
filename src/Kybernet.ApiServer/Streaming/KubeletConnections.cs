using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Hosting;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Streaming;

/// <summary>The API server's way to the kubelets: over TLS, proving who it is by its client certificate.</summary>
internal sealed class KubeletConnections : IDisposable
{
    private const int DefaultPort = 10250;

    private static readonly string[] PreferredAddresses = ["InternalIP", "Hostname", "InternalDNS", "ExternalDNS", "ExternalIP"];

    private readonly IObjectFeed _nodes;
    private readonly HttpMessageInvoker _verified;
    private readonly HttpMessageInvoker _unverified;

    /// <summary>Makes the way.</summary>
    /// <param name="feeds">Where nodes are looked up.</param>
    /// <param name="options">Who the server is, and who signs the kubelets' certificates.</param>
    public KubeletConnections(IObjectFeeds feeds, ApiServerOptions options)
    {
        _nodes = feeds.Of(RbacResources.Nodes);
        if (options.KubeletHandler is { } handler)
        {
            _verified = _unverified = new HttpMessageInvoker(handler, disposeHandler: false);
            return;
        }
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.AddRange(options.KubeletAuthorities);
        _verified = Invoker(options.KubeletClientCertificate, new SslClientAuthenticationOptions { CertificateChainPolicy = trust });
        // Only who reads logs may ask for this, and says so in the request: insecureSkipTLSVerifyBackend.
        _unverified = Invoker(options.KubeletClientCertificate, new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true });
    }

    /// <summary>What takes requests to kubelets that prove who they are.</summary>
    public HttpMessageInvoker Verified => _verified;

    /// <summary>Where the kubelet of a node answers.</summary>
    /// <exception cref="ApiError">404: there is no such node. 500: it has no address.</exception>
    public Uri AddressOf(string nodeName)
    {
        var node = _nodes.Find("", nodeName)?.As<Node>() ?? throw ApiError.NotFound(RbacResources.Nodes, nodeName);
        var port = node.Status.DaemonEndpoints?.KubeletEndpoint?.Port is { } told and > 0 ? told : DefaultPort;
        foreach (var type in PreferredAddresses)
        {
            if (node.Status.Addresses.FirstOrDefault(address => address.Type == type)?.Address is { Length: > 0 } host)
            {
                return new UriBuilder("https", host, port).Uri;
            }
        }
        throw ApiError.Internal($"no preferred addresses found; known addresses: {node.Status.Addresses.Count.ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>Asks a kubelet, and returns when it has begun to answer.</summary>
    /// <exception cref="ApiError">500: the kubelet cannot be reached.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, bool verify, CancellationToken cancellationToken)
    {
        request.Version = HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        try
        {
            return await (verify ? _verified : _unverified).SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw ApiError.Of(500, "", $"error dialing backend: {(exception.InnerException ?? exception).Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _verified.Dispose();
        _unverified.Dispose();
    }

    private static HttpMessageInvoker Invoker(X509Certificate2? certificate, SslClientAuthenticationOptions tls)
    {
        if (certificate is not null)
        {
            tls.ClientCertificates = [certificate];
        }
        return new HttpMessageInvoker(new SocketsHttpHandler
        {
            SslOptions = tls,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
        });
    }
}
