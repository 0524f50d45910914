using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Client;
using Kybernet.Cluster.Hosting;
using Kybernet.Cluster.Node;
using Kybernet.Kubelet;
using Kybernet.Kubelet.Certificates;
using Kybernet.Kubelet.Configuration;
using Microsoft.Extensions.Logging;

namespace Kybernet.Cluster.Kubelets;

/// <summary>Runs a kubelet and nothing else: the container runtime, the network of pods and the API server are somebody else's.</summary>
/// <param name="flags">What was asked for.</param>
/// <param name="log">Where it logs to.</param>
/// <param name="time">The clock.</param>
public sealed class KubeletRunner(KubeletFlags flags, TextWriter log, TimeProvider time)
{
    private const string UsualEndpoint = "unix:///run/containerd/containerd.sock";

    // The kubeconfig names files in it, and takes what is relative for relative to itself.
    private readonly string _certificates = Path.GetFullPath(flags.CertificateDirectory);

    /// <summary>Runs it until the token fires; pods run on after that.</summary>
    /// <exception cref="ClusterException">What it was told makes no sense, or the cluster does not sign its certificate.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var logging = new LineLoggerProvider(log, LogLevel.Information, time);
        using var loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Information).AddProvider(logging));
        var options = ReadOptions();
        var client = new ManagedCertificate(
            Path.Combine(_certificates, "kubelet-client-current.pem"), time, loggers.CreateLogger<ManagedCertificate>());
        if (!File.Exists(flags.Kubeconfig))
        {
            await BootstrapAsync(client, options.NodeName, cancellationToken);
        }
        var connection = Connection(flags.Kubeconfig);
        if (options.NodeIP.Length == 0)
        {
            options = options with { NodeIP = AddressTowards(connection.Server) };
        }
        using var serving = new ServingCertificate(
            options.NodeName, Path.Combine(_certificates, "kubelet-server-current.pem"), time, loggers.CreateLogger<ServingCertificate>());
        options = options with { ServerCertificate = CertificateOf(options, serving) };

        await using var transport = new HttpTransport(connection, time);
        var api = new ApiClient(transport);
        var parts = new List<Task> { Supervise("kubelet", token => new KubeletHost(api, options, time, loggers).RunAsync(token)) };
        if (connection.ClientCertificateFile is not null && client.Exists)
        {
            var wish = CertificateWish.Client(options.NodeName);
            parts.Add(Supervise("client certificate", token => client.RunAsync(api, _ => Task.FromResult<CertificateWish?>(wish), token)));
        }
        if (options.SignsServerCertificate)
        {
            parts.Add(Supervise("serving certificate", token => serving.RunAsync(api, token)));
        }
        await Task.WhenAll(parts);

        Task Supervise(string name, Func<CancellationToken, Task> run) =>
            new ComponentSupervisor(name, run, time, loggers.CreateLogger<ComponentSupervisor>()).RunAsync(cancellationToken);
    }

    private static ConnectionSettings Connection(string kubeconfig)
    {
        try
        {
            return Client.Kubeconfig.Load(kubeconfig).Connection();
        }
        catch (KubeconfigException exception)
        {
            throw new ClusterException($"{kubeconfig}: {exception.Message}", exception);
        }
    }

    private static string AddressTowards(Uri server)
    {
        var destination = IPAddress.TryParse(server.Host, out var address) ? address : Dns.GetHostAddresses(server.Host)[0];
        return HostNetwork.NodeAddress(destination).ToString();
    }

    private static Func<X509Certificate2> CertificateOf(KubeletOptions options, ServingCertificate serving)
    {
        if (options.ServerCertificateFile.Length == 0)
        {
            return () => serving.Current;
        }
        var certificate = X509Certificate2.CreateFromPemFile(options.ServerCertificateFile, options.ServerKeyFile);
        return () => certificate;
    }

    private KubeletOptions ReadOptions()
    {
        var options = new KubeletOptions
        {
            NodeName = flags.HostnameOverride ?? HostNetwork.NodeName(),
            RootDirectory = Path.GetFullPath(flags.RootDirectory),
            RuntimeEndpoint = UsualEndpoint,
            NodeIP = flags.NodeIP ?? "",
            EvictionHard = KubeletOptions.UpstreamEvictionHard,
            CredentialProviderConfiguration = flags.CredentialProviderConfiguration ?? "",
            CredentialProviderDirectory = flags.CredentialProviderDirectory ?? "",
        };
        HostNetwork.CheckNodeName(options.NodeName);
        try
        {
            if (flags.Config is { } file)
            {
                options = ConfigurationReader.Apply(options, File.ReadAllText(file));
            }
            foreach (var (field, value) in flags.Fields)
            {
                options = ConfigurationReader.Apply(options, field, value);
            }
            options = options with { NodeLabels = NodeFlags.Labels(flags.NodeLabels) };
            if (flags.Taints.Length > 0)
            {
                options = options with { Taints = NodeFlags.Taints(flags.Taints) };
            }
            ConfigurationReader.Check(options);
        }
        catch (FormatException exception)
        {
            throw new ClusterException($"failed to load kubelet config{(flags.Config is null ? "" : " file " + flags.Config)}: {exception.Message}", exception);
        }
        return options.ClientAuthorityFile.Length == 0
            ? options
            : options with { ClientAuthority = X509CertificateLoader.LoadCertificateFromFile(options.ClientAuthorityFile) };
    }

    /// <summary>Asks the cluster for the node's certificate with what the bootstrap kubeconfig allows, and writes the kubeconfig that uses it.</summary>
    private async Task BootstrapAsync(ManagedCertificate certificate, string nodeName, CancellationToken cancellationToken)
    {
        if (flags.BootstrapKubeconfig is not { } bootstrap)
        {
            throw new ClusterException($"there is no {flags.Kubeconfig}") { Hint = "Or give what to get a certificate with: --bootstrap-kubeconfig FILE" };
        }
        var connection = Connection(bootstrap);
        await using var transport = new HttpTransport(connection, time);
        try
        {
            await certificate.EnsureAsync(new ApiClient(transport), CertificateWish.Client(nodeName), cancellationToken);
        }
        catch (Exception exception) when (exception is ApiException or ApiUnavailableException or CertificateDeniedException)
        {
            throw new ClusterException($"{connection.Server} does not sign this node's certificate: {exception.Message}", exception);
        }
        Pki.Kubeconfig.Write(
            flags.Kubeconfig,
            connection.Server.GetLeftPart(UriPartial.Authority),
            connection.CertificateAuthority ?? throw new ClusterException($"{bootstrap} names no certificate authority"),
            "system:node:" + nodeName,
            certificate.Path);
    }
}
