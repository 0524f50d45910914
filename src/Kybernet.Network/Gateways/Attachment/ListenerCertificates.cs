using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Gateway.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Serving;
using Kybernet.Network.Gateways.Statuses;
using Kybernet.Network.Ingresses.Proxying;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>A certificate with its key, ready for TLS.</summary>
/// <param name="Names">The names that it is for.</param>
/// <param name="Options">What TLS is ended with.</param>
internal sealed record LoadedCertificate(IReadOnlyList<string> Names, SslServerAuthenticationOptions Options);

/// <summary>Loads the certificates that listeners refer to.</summary>
internal sealed class ListenerCertificates(ILister<Secret> secrets, ReferenceGrants grants)
{
    private const string CertificateKey = "tls.crt";

    /// <summary>Loads all that can be loaded.</summary>
    /// <returns>The certificates, and the first problem.</returns>
    public (IReadOnlyList<LoadedCertificate> Certificates, Problem? Problem) Load(string @namespace, IReadOnlyList<SecretObjectReference> references)
    {
        var loaded = new List<LoadedCertificate>();
        Problem? problem = null;
        foreach (var reference in references)
        {
            problem = TryLoad(@namespace, reference, loaded) is { } found ? problem ?? found : problem;
        }
        return (loaded, problem);
    }

    private Problem? TryLoad(string @namespace, SecretObjectReference reference, List<LoadedCertificate> loaded)
    {
        var key = new NamespacedName(reference.Namespace ?? @namespace, reference.Name);
        if (reference.Group is { Length: > 0 } || reference.Kind is not (null or GatewayApi.Kinds.Secret))
        {
            return new Problem(GatewayApi.Reasons.InvalidCertificateRef, $"{reference.Kind} {key}: certificates are read from Secrets only");
        }
        var gateway = new ReferenceEnd(GatewayApi.Group, GatewayApi.Kinds.Gateway, @namespace, "");
        if (!grants.IsAllowed(gateway, new ReferenceEnd("", GatewayApi.Kinds.Secret, key.Namespace, key.Name)))
        {
            return new Problem(GatewayApi.Reasons.RefNotPermitted, $"Secret {key}: no ReferenceGrant in its namespace allows the reference");
        }
        if (secrets.Get(key) is not { } secret)
        {
            return new Problem(GatewayApi.Reasons.InvalidCertificateRef, $"Secret {key}: there is no such Secret of the type kubernetes.io/tls");
        }
        try
        {
            var options = Certificates.Load(secret);
            using var leaf = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(secret.Data[CertificateKey].Span));
            loaded.Add(new LoadedCertificate([.. AlternativeNames.DnsNames(leaf)], options));
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return new Problem(GatewayApi.Reasons.InvalidCertificateRef, $"Secret {key}: {e.Message}");
        }
    }
}
