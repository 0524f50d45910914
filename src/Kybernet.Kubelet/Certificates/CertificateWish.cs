using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kybernet.Kubelet.Certificates;

/// <summary>What a kubelet wants a certificate to say.</summary>
/// <param name="SignerName">Who is to sign it.</param>
/// <param name="NodeName">The node: <c>system:node:NAME</c> of <c>system:nodes</c> is its subject.</param>
/// <param name="Usages">What it is for, in the words of the certificates API.</param>
public sealed record CertificateWish(string SignerName, string NodeName, params IReadOnlyList<string> Usages)
{
    /// <summary>The names that the node's own API is reached by.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];

    /// <summary>The addresses that it is reached by.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>What the kubelet of a node shows the API server.</summary>
    public static CertificateWish Client(string nodeName) =>
        new("kubernetes.io/kube-apiserver-client-kubelet", nodeName, "digital signature", "client auth");

    /// <summary>What the kubelet of a node shows those who call it.</summary>
    public static CertificateWish Serving(string nodeName, IReadOnlyList<string> dnsNames, IReadOnlyList<IPAddress> addresses) =>
        new("kubernetes.io/kubelet-serving", nodeName, "digital signature", "server auth") { DnsNames = dnsNames, Addresses = addresses };

    /// <summary>The request for a key, to be signed by another (RFC 2986).</summary>
    internal string ToRequest(ECDsa key) => ToCertificateRequest(key).CreateSigningRequestPem();

    /// <summary>A certificate that vouches for itself: until there is a better one.</summary>
    internal X509Certificate2 SelfSign(ECDsa key, DateTimeOffset now) =>
        ToCertificateRequest(key).CreateSelfSigned(now.AddMinutes(-5), now.AddYears(1));

    /// <summary>Whether a certificate says what is wanted.</summary>
    internal bool IsMetBy(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return certificate.SubjectName.RawData.AsSpan().SequenceEqual(Subject().RawData)
            && DnsNames.ToHashSet(StringComparer.Ordinal).SetEquals(names?.EnumerateDnsNames() ?? [])
            && Addresses.ToHashSet().SetEquals(names?.EnumerateIPAddresses() ?? []);
    }

    private CertificateRequest ToCertificateRequest(ECDsa key)
    {
        var request = new CertificateRequest(Subject(), key, HashAlgorithmName.SHA256);
        if (DnsNames.Count > 0 || Addresses.Count > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var name in DnsNames)
            {
                names.AddDnsName(name);
            }
            foreach (var address in Addresses)
            {
                names.AddIpAddress(address);
            }
            request.CertificateExtensions.Add(names.Build());
        }
        return request;
    }

    private X500DistinguishedName Subject()
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddOrganizationName("system:nodes");
        builder.AddCommonName("system:node:" + NodeName);
        return builder.Build();
    }
}
