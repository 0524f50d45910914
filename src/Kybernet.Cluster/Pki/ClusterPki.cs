using System.Net;
using System.Security.Cryptography;
using Kybernet.Api.Certificates;

namespace Kybernet.Cluster.Pki;

/// <summary>Who a cluster's certificates are for.</summary>
/// <param name="NodeName">The name of this machine's node.</param>
/// <param name="HostAddresses">The addresses of this machine that clients may reach it by.</param>
/// <param name="ServiceAddress">The address of the Service <c>kubernetes</c>.</param>
internal sealed record PkiSubjects(string NodeName, IReadOnlyList<IPAddress> HostAddresses, IPAddress ServiceAddress);

/// <summary>Every key and certificate of a cluster. Made once, kept in the data directory, renewed when a start finds one out of date.</summary>
internal sealed record ClusterPki
{
    /// <summary>Signs everything that talks to the API server, and the API server.</summary>
    public required PemPair ClusterAuthority { get; init; }

    /// <summary>Signs the client that aggregated API servers trust to name other users.</summary>
    public required PemPair FrontProxyAuthority { get; init; }

    /// <summary>What the API server serves with.</summary>
    public required PemPair ApiServer { get; init; }

    /// <summary>What the API server shows a kubelet.</summary>
    public required PemPair ApiServerKubeletClient { get; init; }

    /// <summary>What the API server shows an aggregated API server.</summary>
    public required PemPair FrontProxyClient { get; init; }

    /// <summary>What this node's kubelet shows the API server.</summary>
    public required PemPair KubeletClient { get; init; }

    /// <summary>What this node's kubelet serves with.</summary>
    public required PemPair KubeletServing { get; init; }

    /// <summary>What the controllers show the API server.</summary>
    public required PemPair ControllerManager { get; init; }

    /// <summary>What the scheduler shows the API server.</summary>
    public required PemPair Scheduler { get; init; }

    /// <summary>What the administrator's kubeconfig holds.</summary>
    public required PemPair Administrator { get; init; }

    /// <summary>PKCS#8 PEM of the P-256 key that signs ServiceAccount tokens.</summary>
    public required string ServiceAccountKey { get; init; }

    /// <summary>Reads what is in <paramref name="directory"/>, makes what is missing and renews what is out of date.</summary>
    public static ClusterPki LoadOrCreate(string directory, PkiSubjects subjects, TimeProvider time)
    {
        var files = new PkiDirectory(directory);
        var cluster = files.LoadOrCreate("ca", static _ => true, () => CertificateAuthority.Create("kubernetes", time));
        var frontProxy = files.LoadOrCreate("front-proxy-ca", static _ => true, () => CertificateAuthority.Create("front-proxy-ca", time));
        var byCluster = new CertificateAuthority(cluster, time);
        var byFrontProxy = new CertificateAuthority(frontProxy, time);

        PemPair Leaf(string name, CertificateAuthority authority, CertificateProfile profile) =>
            files.LoadOrCreate(name, pair => authority.IsCurrent(pair, profile), () => authority.Issue(profile));
        PemPair Client(string name, string user, params string[] groups) =>
            Leaf(name, byCluster, new CertificateProfile(user, groups) { IsClient = true });

        return new ClusterPki
        {
            ClusterAuthority = cluster,
            FrontProxyAuthority = frontProxy,
            ApiServer = Leaf("apiserver", byCluster, ApiServerProfile(subjects)),
            ApiServerKubeletClient = Client("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters"),
            FrontProxyClient = Leaf("front-proxy-client", byFrontProxy, new CertificateProfile("front-proxy-client") { IsClient = true }),
            KubeletClient = Client("kubelet-client", $"system:node:{subjects.NodeName}", "system:nodes"),
            KubeletServing = Leaf("kubelet", byCluster, KubeletServingProfile(subjects)),
            ControllerManager = Client("controller-manager", "system:kube-controller-manager"),
            Scheduler = Client("scheduler", "system:kube-scheduler"),
            Administrator = Client("admin", "kubernetes-admin", "system:masters"),
            ServiceAccountKey = files.LoadOrCreateKey("sa.key", CreateSigningKey),
        };
    }

    private static CertificateProfile ApiServerProfile(PkiSubjects subjects) => new("kube-apiserver")
    {
        IsServer = true,
        DnsNames =
        [
            .. new[]
            {
                "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost",
                subjects.NodeName,
            }.Distinct(StringComparer.Ordinal),
        ],
        Addresses = [.. new[] { IPAddress.Loopback, IPAddress.IPv6Loopback, subjects.ServiceAddress }.Concat(subjects.HostAddresses).Distinct()],
    };

    private static CertificateProfile KubeletServingProfile(PkiSubjects subjects) =>
        new($"system:node:{subjects.NodeName}", "system:nodes")
        {
            IsServer = true,
            DnsNames = [.. new[] { subjects.NodeName, "localhost" }.Distinct(StringComparer.Ordinal)],
            Addresses = [.. new[] { IPAddress.Loopback, IPAddress.IPv6Loopback }.Concat(subjects.HostAddresses).Distinct()],
        };

    private static string CreateSigningKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
