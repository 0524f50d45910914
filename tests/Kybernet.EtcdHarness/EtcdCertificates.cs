using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kybernet.EtcdHarness;

/// <summary>An authority, and certificates of etcd on this machine and of its clients, as files.</summary>
public sealed class EtcdCertificates
{
    private readonly string _directory;

    public EtcdCertificates(string directory)
    {
        _directory = directory;
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request("CN=etcd-ca", authorityKey);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(From, Until);
        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem());
        Issue(authority, "CN=etcd", "server", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        Issue(authority, "CN=kube-apiserver-etcd-client", "client", "1.3.6.1.5.5.7.3.2");
    }

    public string AuthorityFile => In("ca.crt");

    public string ServerCertificateFile => In("server.crt");

    public string ServerKeyFile => In("server.key");

    public string ClientCertificateFile => In("client.crt");

    public string ClientKeyFile => In("client.key");

    private static DateTimeOffset From => TimeProvider.System.GetUtcNow().AddHours(-1);

    private static DateTimeOffset Until => TimeProvider.System.GetUtcNow().AddDays(1);

    private string In(string name) => Path.Combine(_directory, name);

    private static CertificateRequest Request(string subject, ECDsa key) => new(subject, key, HashAlgorithmName.SHA256);

    private void Issue(X509Certificate2 authority, string subject, string file, params string[] usages)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(subject, key);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var identifiers = new OidCollection();
        foreach (var usage in usages)
        {
            identifiers.Add(new Oid(usage));
        }
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(identifiers, critical: false));
        using var certificate = request.Create(authority, From, Until.AddHours(-1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(In(file + ".crt"), certificate.ExportCertificatePem());
        File.WriteAllText(In(file + ".key"), key.ExportPkcs8PrivateKeyPem());
    }
}
