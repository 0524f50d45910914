using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.KubeConfigModels;
using Kybernet.Api.Certificates;
using Kybernet.ApiServer.Hosting;

namespace Kybernet.Testing;

public sealed partial class TestCluster
{
    private readonly SemaphoreSlim _opening = new(1);
    private readonly X509Certificate2Collection _clientAuthorities;
    private X509Certificate2? _serving;
    private string? _kubeconfig;
    private string? _kubeconfigFile;

    /// <summary>
    /// Opens a real HTTPS port on the loopback address, and tells how an administrator gets there: so that kubectl, k9s, or a program in another language
    /// can look in. The port is opened once, and closed with the cluster.
    /// </summary>
    /// <returns>A kubeconfig, as YAML.</returns>
    public async Task<string> KubeconfigAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        await _opening.WaitAsync(cancellationToken);
        try
        {
            return _kubeconfig ??= await OpenEndpointAsync(cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Writes <see cref="KubeconfigAsync"/> into a file, which goes with the cluster.</summary>
    /// <returns>The file's path, for <c>KUBECONFIG</c>.</returns>
    public async Task<string> KubeconfigFileAsync(CancellationToken cancellationToken = default)
    {
        var content = await KubeconfigAsync(cancellationToken);
        if (_kubeconfigFile is null)
        {
            var path = Path.GetTempFileName();
            await File.WriteAllTextAsync(path, content, cancellationToken);
            _kubeconfigFile = path;
        }
        return _kubeconfigFile;
    }

    private async Task<string> OpenEndpointAsync(CancellationToken cancellationToken)
    {
        // Whoever connects goes by the system's clock, whatever the cluster's is.
        var pair = CertificateAuthority.Create("kybernet-testing", TimeProvider.System);
        var authority = new CertificateAuthority(pair, TimeProvider.System);
        var server = authority.Issue(new CertificateProfile("kube-apiserver") { IsServer = true, DnsNames = ["localhost"], Addresses = [IPAddress.Loopback] });
        var admin = authority.Issue(new CertificateProfile(Administrator.Name, "system:masters") { IsClient = true });
        _clientAuthorities.Add(X509Certificate2.CreateFromPem(pair.Certificate));
        _serving = server.Load();
        await _server.ListenAsync(new ListenOptions(IPAddress.Loopback, 0, _serving), cancellationToken);
        return KubernetesYaml.Serialize(new K8SConfiguration
        {
            ApiVersion = "v1",
            Kind = "Config",
            CurrentContext = "test",
            Clusters = [new Cluster { Name = "test", ClusterEndpoint = new ClusterEndpoint { Server = $"https://127.0.0.1:{_server.Port}", CertificateAuthorityData = Encode(pair.Certificate) } }],
            Users = [new User { Name = "admin", UserCredentials = new UserCredentials { ClientCertificateData = Encode(admin.Certificate), ClientKeyData = Encode(admin.PrivateKey) } }],
            Contexts = [new Context { Name = "test", ContextDetails = new ContextDetails { Cluster = "test", User = "admin" } }],
        });
    }

    private void CloseEndpoint()
    {
        if (_kubeconfigFile is not null)
        {
            File.Delete(_kubeconfigFile);
        }
        _serving?.Dispose();
        foreach (var authority in _clientAuthorities)
        {
            authority.Dispose();
        }
    }

    private static string Encode(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
}
