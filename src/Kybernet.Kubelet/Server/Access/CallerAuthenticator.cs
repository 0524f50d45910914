using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Authentication.V1;
using Kybernet.Api.Certificates;
using Kybernet.Client;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server.Access;

/// <summary>Says who calls the kubelet's own API: by the certificate, by a token that the API server knows, or nobody in particular where that is allowed.</summary>
internal sealed class CallerAuthenticator(ApiClient client, KubeletOptions options, TimeProvider time)
{
    private const string ClientAuthenticationOid = "1.3.6.1.5.5.7.3.2";
    private const string BearerPrefix = "Bearer ";

    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(2);

    private static readonly UserInfo Anonymous = new() { Username = "system:anonymous", Groups = ["system:unauthenticated"] };

    private readonly ExpiringCache<string, UserInfo?> _tokens = new(time);

    /// <summary>The caller; null where it is not known who that is.</summary>
    /// <exception cref="ApiException">The API server does not say whose the token is.</exception>
    /// <exception cref="ApiUnavailableException">It cannot be asked.</exception>
    public async Task<UserInfo?> AuthenticateAsync(HttpContext context)
    {
        if (context.Connection.ClientCertificate is { } certificate && OwnerOf(certificate) is { } owner)
        {
            return owner;
        }
        var authorization = context.Request.Headers.Authorization.ToString();
        if (options.TokenAuthentication && authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
        {
            // A token that is wrong does not make its bearer anonymous.
            return await ReviewAsync(authorization[BearerPrefix.Length..].Trim(), context.RequestAborted);
        }
        return options.AnonymousAuthentication ? Anonymous : null;
    }

    private UserInfo? OwnerOf(X509Certificate2 certificate)
    {
        if (options.ClientAuthority is null)
        {
            return null;
        }
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(options.ClientAuthority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthenticationOid));
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        if (!chain.Build(certificate))
        {
            return null;
        }
        var subject = CertificateSubject.Of(certificate.SubjectName);
        return subject.CommonName.Length == 0
            ? null
            : new UserInfo { Username = subject.CommonName, Groups = [.. subject.Organizations, "system:authenticated"] };
    }

    private async Task<UserInfo?> ReviewAsync(string token, CancellationToken cancellationToken)
    {
        // What is remembered is not what could be used by whoever reads this process's memory.
        var key = Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)));
        if (_tokens.TryGet(key, out var known))
        {
            return known;
        }
        var review = await client.CreateAsync(new TokenReview { Spec = new TokenReviewSpec { Token = token } }, cancellationToken);
        var user = review.Status.Authenticated == true ? review.Status.User : null;
        _tokens.Set(key, user, Freshness);
        return user;
    }
}
