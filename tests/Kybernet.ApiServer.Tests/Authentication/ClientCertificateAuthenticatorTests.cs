using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Tests.Authorization;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.ApiServer.Tests.Authentication;

public sealed class ClientCertificateAuthenticatorTests : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly X509Certificate2 _authority;
    private readonly ClientCertificateAuthenticator _authenticator;

    public ClientCertificateAuthenticatorTests()
    {
        _authority = Authority("ca");
        _authenticator = new ClientCertificateAuthenticator([_authority], _time);
    }

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task The_subject_names_the_user_and_the_groups()
    {
        using var certificate = Issue(_authority, GoName("admin", "ops", "system:masters"));

        var user = await AuthenticateAsync(certificate);

        Assert.Equal("admin", user!.Name);
        Assert.Equal(["ops", "system:masters"], user.Groups);
        Assert.StartsWith("X509SHA256=", user.Extra["authentication.kubernetes.io/credential-id"][0], StringComparison.Ordinal);
        Assert.Same(user, await AuthenticateAsync(certificate));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_or_purpose_is_refused()
    {
        using var other = Authority("ca");
        using var forged = Issue(other, "CN=admin");
        using var server = Issue(_authority, "CN=admin", ServerAuthentication);

        Assert.Equal(401, (await Assert.ThrowsAsync<ApiError>(() => AuthenticateAsync(forged))).Code);
        Assert.Equal(401, (await Assert.ThrowsAsync<ApiError>(() => AuthenticateAsync(server))).Code);
    }

    [Fact]
    public async Task A_certificate_that_was_good_is_refused_once_it_has_expired()
    {
        using var certificate = Issue(_authority, "CN=admin");
        Assert.NotNull(await AuthenticateAsync(certificate));

        _time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(401, (await Assert.ThrowsAsync<ApiError>(() => AuthenticateAsync(certificate))).Code);
    }

    [Fact]
    public async Task Who_brings_no_credentials_is_anonymous_and_who_brings_good_ones_is_authenticated()
    {
        using var certificate = Issue(_authority, "CN=admin");
        var union = new UnionAuthenticator([_authenticator], static _ => true);

        Assert.Same(UserInfo.Anonymous, await union.AuthenticateAsync(Requests.Of(), TestContext.Current.CancellationToken));
        var user = await union.AuthenticateAsync(Requests.Of(certificate: certificate), TestContext.Current.CancellationToken);
        Assert.Contains("system:authenticated", user!.Groups);
        Assert.Same(user, await union.AuthenticateAsync(Requests.Of(certificate: certificate), TestContext.Current.CancellationToken));
    }

    private Task<UserInfo?> AuthenticateAsync(X509Certificate2 certificate) =>
        _authenticator.AuthenticateAsync(Requests.Of(certificate: certificate), TestContext.Current.CancellationToken).AsTask();

    private X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(_time.GetUtcNow().AddDays(-1), _time.GetUtcNow().AddYears(1));
    }

    /// <summary>A name as Go writes it: all organisations in one set.</summary>
    private static X500DistinguishedName GoName(string commonName, params string[] organizations)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSetOf())
            {
                foreach (var organization in organizations)
                {
                    WriteAttribute(writer, "2.5.4.10", organization);
                }
            }
            using (writer.PushSetOf())
            {
                WriteAttribute(writer, "2.5.4.3", commonName);
            }
        }
        return new X500DistinguishedName(writer.Encode());
    }

    private static void WriteAttribute(AsnWriter writer, string oid, string value)
    {
        using var sequence = writer.PushSequence();
        writer.WriteObjectIdentifier(oid);
        writer.WriteCharacterString(UniversalTagNumber.UTF8String, value);
    }

    private X509Certificate2 Issue(X509Certificate2 authority, string subject, string purpose = ClientAuthentication) =>
        Issue(authority, new X500DistinguishedName(subject), purpose);

    private X509Certificate2 Issue(X509Certificate2 authority, X500DistinguishedName subject, string purpose = ClientAuthentication)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        return request.Create(authority, _time.GetUtcNow().AddDays(-1), _time.GetUtcNow().AddDays(30), RandomNumberGenerator.GetBytes(8));
    }
}
