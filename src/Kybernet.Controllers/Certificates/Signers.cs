using Kybernet.Api.Certificates;
using Kybernet.Api.Certificates.V1;

namespace Kybernet.Controllers.Certificates;

/// <summary>The signers that every cluster has, and what each insists on (Kubernetes documentation: Certificates and Certificate Signing Requests).</summary>
internal static class Signers
{
    public const string ApiServerClient = "kubernetes.io/kube-apiserver-client";
    public const string KubeletClient = "kubernetes.io/kube-apiserver-client-kubelet";
    public const string KubeletServing = "kubernetes.io/kubelet-serving";
    public const string LegacyUnknown = "kubernetes.io/legacy-unknown";

    private const string NodesGroup = "system:nodes";
    private const string NodeUserPrefix = "system:node:";
    private const string DigitalSignature = "digital signature";
    private const string KeyEncipherment = "key encipherment";
    private const string ClientAuth = "client auth";
    private const string ServerAuth = "server auth";

    public static bool IsKnown(string signer) => signer is ApiServerClient or KubeletClient or KubeletServing or LegacyUnknown;

    /// <summary>Why a signer must not sign; null where it may.</summary>
    public static string? Objection(CertificateSigningRequestSpec spec, SigningRequest request) => spec.SignerName switch
    {
        ApiServerClient => ApiServerClientObjection(spec.Usages),
        KubeletClient => KubeletClientObjection(spec.Usages, request),
        KubeletServing => KubeletServingObjection(spec.Usages, request),
        _ => null,
    };

    private static string? ApiServerClientObjection(IReadOnlyList<string> usages)
    {
        if (usages.FirstOrDefault(static usage => usage is not (DigitalSignature or KeyEncipherment or ClientAuth)) is { } unexpected)
        {
            return $"invalid usage for client certificate: {unexpected}";
        }
        return usages.Contains(ClientAuth) ? null : "missing required usage for client certificate: client auth";
    }

    private static string? KubeletClientObjection(IReadOnlyList<string> usages, SigningRequest request)
    {
        if (SubjectObjection(request) is { } objection)
        {
            return objection;
        }
        if (request.AlternativeNames is not null)
        {
            return "DNS, IP, Email or URI subjectAltNames are not allowed";
        }
        return UsagesAre(usages, ClientAuth) ? null : "usages did not match [client auth digital signature] or [client auth digital signature key encipherment]";
    }

    private static string? KubeletServingObjection(IReadOnlyList<string> usages, SigningRequest request)
    {
        if (SubjectObjection(request) is { } objection)
        {
            return objection;
        }
        if (request.DnsNames.Count == 0 && request.Addresses.Count == 0)
        {
            return "DNS or IP subjectAltName is required";
        }
        if (request.HasOtherNames)
        {
            return "Email and URI subjectAltNames are not allowed";
        }
        return UsagesAre(usages, ServerAuth) ? null : "usages did not match [digital signature server auth] or [digital signature key encipherment server auth]";
    }

    private static string? SubjectObjection(SigningRequest request)
    {
        var subject = CertificateSubject.Of(request.Subject);
        if (subject.Organizations is not [NodesGroup])
        {
            return "subject organization is not system:nodes";
        }
        return subject.CommonName.StartsWith(NodeUserPrefix, StringComparison.Ordinal) ? null : "subject common name does not begin with system:node: prefix";
    }

    /// <summary>A key of elliptic curves enciphers nothing, so that usage may be missing.</summary>
    private static bool UsagesAre(IReadOnlyList<string> usages, string purpose)
    {
        var given = usages.ToHashSet(StringComparer.Ordinal);
        given.Remove(KeyEncipherment);
        return given.SetEquals([DigitalSignature, purpose]);
    }
}
