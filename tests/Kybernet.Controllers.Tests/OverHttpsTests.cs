using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.ApiServer.Hosting;
using Kybernet.Client;

namespace Kybernet.Controllers.Tests;

/// <summary>What Deployments do when the controllers reach the real API server over HTTPS, as an administrator with a client certificate.</summary>
public sealed class DeploymentOverHttpsTests : DeploymentTests
{
    private readonly X509Certificate2 _root;
    private readonly ServerInProcess _server;
    private HttpTransport? _transport;

    public DeploymentOverHttpsTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddHours(1));
        var (certificate, serverKey) = Issue("CN=server", "1.3.6.1.5.5.7.3.1");
        _server = new ServerInProcess
        {
            Listen = new ListenOptions(IPAddress.Loopback, 0, X509Certificate2.CreateFromPem(certificate, serverKey)),
            ClientAuthorities = [X509CertificateLoader.LoadCertificate(_root.RawData)],
        };
    }

    private protected override async Task<IApiTransport> StartServerAsync()
    {
        await _server.StartAsync(Cancellation);
        var (certificate, key) = Issue("O=system:masters, CN=controllers", "1.3.6.1.5.5.7.3.2");
        var settings = new ConnectionSettings(new Uri($"https://127.0.0.1:{_server.Port}"))
        {
            CertificateAuthority = _root.ExportCertificatePem(),
            ClientCertificate = certificate,
            ClientKey = key,
        };
        return _transport = new HttpTransport(settings, TimeProvider.System);
    }

    private protected override async Task StopServerAsync()
    {
        await _transport!.DisposeAsync();
        await _server.DisposeAsync();
        _root.Dispose();
    }

    private (string Certificate, string Key) Issue(string subject, string usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        using var issued = request.Create(_root, _root.NotBefore, _root.NotAfter, RandomNumberGenerator.GetBytes(8));
        return (issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
