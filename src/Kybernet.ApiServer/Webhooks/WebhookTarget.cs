using System.Security.Cryptography;

namespace Kybernet.ApiServer.Webhooks;

/// <summary>Where a webhook answers.</summary>
/// <param name="Address">Its URL; of one in the cluster with the name <c>service.namespace.svc</c>, which its certificate has to be for.</param>
/// <param name="Service">The Service that it is reached by; null where the URL says it all.</param>
/// <param name="Authorities">Who signed its certificate, PEM; empty for those whom the machine trusts.</param>
internal sealed record WebhookTarget(Uri Address, ServicePort? Service, ReadOnlyMemory<byte> Authorities)
{
    /// <summary>Whether it is believed whoever signed its certificate.</summary>
    public bool BelievesAnybody { get; init; }

    /// <summary>What connections can be shared by: the place, and whom it is believed.</summary>
    public string ConnectionKey => $"{Address.Authority} {(BelievesAnybody ? "*" : Convert.ToHexString(SHA256.HashData(Authorities.Span)))}";

    /// <summary>A webhook as its configuration says where it is: at a URL or behind a Service.</summary>
    /// <exception cref="WebhookException">The URL is none.</exception>
    public static WebhookTarget Of(string? url, ServicePort? service, string? path, ReadOnlyMemory<byte> authorities)
    {
        if (service is not null)
        {
            return Behind(service, path ?? "", authorities);
        }
        try
        {
            return At(url ?? "", authorities);
        }
        catch (UriFormatException exception)
        {
            throw new WebhookException($"Unparsable webhook URL: {exception.Message}", exception);
        }
    }

    /// <summary>A webhook at a URL.</summary>
    /// <exception cref="UriFormatException">It is none.</exception>
    public static WebhookTarget At(string url, ReadOnlyMemory<byte> authorities) => new(new Uri(url, UriKind.Absolute), null, authorities);

    /// <summary>A webhook behind a Service.</summary>
    public static WebhookTarget Behind(ServicePort service, string path, ReadOnlyMemory<byte> authorities) =>
        new(new Uri($"https://{service.Name}.{service.Namespace}.svc:{service.Port}/{path.TrimStart('/')}"), service, authorities);
}

/// <summary>A port of a Service.</summary>
/// <param name="Namespace">The Service's namespace.</param>
/// <param name="Name">The Service's name.</param>
/// <param name="Port">The Service's port.</param>
internal sealed record ServicePort(string Namespace, string Name, int Port);
