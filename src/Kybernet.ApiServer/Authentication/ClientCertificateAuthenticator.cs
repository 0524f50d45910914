using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Certificates;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authentication;

/// <summary>
/// Authenticates by the client certificate of the connection. A certificate is verified once; a connection's later requests, and later connections
/// with the same certificate, cost a look-up.
/// </summary>
/// <param name="authorities">The authorities whose certificates are trusted.</param>
/// <param name="time">The clock that validity is held against.</param>
public sealed class ClientCertificateAuthenticator(X509Certificate2Collection authorities, TimeProvider time) : IAuthenticator
{
    private const string ClientAuthenticationOid = "1.3.6.1.5.5.7.3.2";

    /// <summary>Whoever connects with ever new certificates must not fill the memory.</summary>
    private const int MaxRemembered = 4096;

    /// <summary>Lazy, so that the first requests of a connection, which come at once, do not look at one certificate together: it decodes its extensions without a lock.</summary>
    private readonly ConditionalWeakTable<X509Certificate2, Lazy<Verified>> _byConnection = [];
    private readonly ConcurrentDictionary<string, Verified> _byThumbprint = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public ValueTask<UserInfo?> AuthenticateAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (request.ClientCertificate is not { } certificate)
        {
            return ValueTask.FromResult<UserInfo?>(null);
        }
        if (!_byConnection.TryGetValue(certificate, out var known))
        {
            known = _byConnection.GetValue(certificate, unknown => new Lazy<Verified>(() => Look(unknown)));
        }
        var verified = known.Value;
        var now = time.GetUtcNow();
        return verified.IsTrusted && now >= verified.NotBefore && now <= verified.NotAfter
            ? ValueTask.FromResult(verified.User)
            : throw ApiError.Unauthorized();
    }

    private Verified Look(X509Certificate2 certificate)
    {
        var thumbprint = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        if (!_byThumbprint.TryGetValue(thumbprint, out var verified))
        {
            verified = Verify(certificate, thumbprint);
            // One that fails is not remembered here: the authority's clock may be ahead of ours, and the next connection does better.
            if (verified.IsTrusted)
            {
                if (_byThumbprint.Count >= MaxRemembered)
                {
                    _byThumbprint.Clear();
                }
                verified = _byThumbprint.GetOrAdd(thumbprint, verified);
            }
        }
        return verified;
    }

    private Verified Verify(X509Certificate2 certificate, string thumbprint)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthenticationOid));
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        if (!chain.Build(certificate) || !AllowsClientAuthentication(certificate))
        {
            return Verified.Untrusted;
        }
        var notAfter = chain.ChainElements.Min(element => new DateTimeOffset(element.Certificate.NotAfter));
        var notBefore = chain.ChainElements.Max(element => new DateTimeOffset(element.Certificate.NotBefore));
        return new Verified(true, UserOf(certificate, thumbprint), notBefore, notAfter);
    }

    /// <summary>The chain takes a certificate that names no purpose for one of every purpose; here the purpose has to be named.</summary>
    private static bool AllowsClientAuthentication(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(usage => usage.EnhancedKeyUsages[ClientAuthenticationOid] is not null);

    private static UserInfo? UserOf(X509Certificate2 certificate, string thumbprint)
    {
        try
        {
            var subject = CertificateSubject.Of(certificate.SubjectName);
            // A certificate without a name proves nothing about who it is: as upstream, the next authenticator is asked.
            return subject.CommonName.Length == 0 ? null : new UserInfo(subject.CommonName, subject.Organizations)
            {
                Extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
                {
                    [CredentialExtra.CredentialId] = [$"X509SHA256={thumbprint.ToLowerInvariant()}"],
                },
            };
        }
        catch (AsnContentException)
        {
            throw ApiError.Unauthorized();
        }
    }

    private sealed record Verified(bool IsTrusted, UserInfo? User, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
    {
        public static readonly Verified Untrusted = new(false, null, default, default);
    }
}
