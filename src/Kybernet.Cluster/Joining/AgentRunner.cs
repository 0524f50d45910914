using Kybernet.Api.Certificates;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Cluster.Hosting;
using Kybernet.Cluster.Node;
using Kybernet.Kubelet.Certificates;
using Microsoft.Extensions.Logging;

namespace Kybernet.Cluster.Joining;

/// <summary>Runs a node of a cluster whose API server is on another machine, and has it join at its first start.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="steps">Is told of the steps.</param>
/// <param name="log">Where the components log to.</param>
/// <param name="time">The clock.</param>
public sealed class AgentRunner(AgentOptions options, IStepReporter steps, TextWriter log, TimeProvider time)
{
    private const int DefaultKubeletPort = 10250;

    private readonly DataDirectory _data = options.Data;

    /// <summary>Finds out, before anything is started, what would keep the node from starting.</summary>
    /// <exception cref="ClusterException">Something would.</exception>
    public static void Check(AgentOptions options)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new ClusterException("a node runs containers, and that needs root") { Hint = "sudo ./kybernet agent ..." };
        }
        if (File.Exists(options.Data.Settings))
        {
            throw new ClusterException($"{options.Data.Root} is a cluster's own data directory") { Hint = "Give the node one of its own: --data-dir DIR" };
        }
        if (AgentSettings.Load(options.Data) is null)
        {
            ServerOf(options);
            TokenOf(options);
        }
        if (options.AuthorityHash is { } hash && !ClusterDiscovery.IsHash(hash))
        {
            throw new ClusterException("--ca-cert-hash is sha256: and 64 hexadecimal digits") { Hint = "The server says it: kybernet token create --print-join-command" };
        }
        if (options.NodeName is { } name)
        {
            HostNetwork.CheckNodeName(name);
        }
        if (options.Labels.FirstOrDefault(static label => !label.Contains('=')) is { } wrong)
        {
            throw new ClusterException($"\"{wrong}\" is no label") { Hint = "A label is written as in --node-label disk=ssd" };
        }
        NodeRuntime.CheckTools();
        ClusterLock.Take(options.Data).Dispose();
    }

    /// <summary>Runs the node until the token fires. Pods run on after that, and the next run finds them.</summary>
    /// <param name="ready">Is told the server's address once the node is Ready.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ClusterException">It cannot join, or not start.</exception>
    public async Task RunAsync(Action<RunningCluster> ready, CancellationToken cancellationToken)
    {
        using var held = ClusterLock.Take(_data);
        using var logging = new LineLoggerProvider(log, LogLevel.Information, time);
        using var loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Information).AddProvider(logging));
        var certificate = new ManagedCertificate(_data.KubeletCertificate, time, loggers.CreateLogger<ManagedCertificate>());
        var settings = AgentSettings.Load(_data);
        if (settings is null || options.Token is not null)
        {
            settings = await JoinAsync(certificate, cancellationToken);
        }
        await new AgentHost(_data, settings, certificate, options.Labels, steps, loggers, time).RunAsync(
            () => ready(new RunningCluster(settings.Server, _data.KubeletKubeconfig, Environment.ProcessId)), cancellationToken);
    }

    /// <summary>Gets the node's certificate with the token, and keeps what is needed from now on.</summary>
    private async Task<AgentSettings> JoinAsync(ManagedCertificate certificate, CancellationToken cancellationToken)
    {
        AgentSettings? settings = null;
        await steps.RunAsync(time, "join", async () =>
        {
            var server = ServerOf(options);
            var token = TokenOf(options);
            var authority = await ClusterDiscovery.FindAuthorityAsync(server, token, options.AuthorityHash, time, cancellationToken);
            await using var transport = new HttpTransport(
                new ConnectionSettings(server) { CertificateAuthority = authority, Token = token.ToString() }, time);
            var client = new ApiClient(transport);
            var kept = AgentSettings.Load(_data);
            settings = await AskAsync(client, server, authority, kept, certificate, cancellationToken);
            settings.Save(_data);
            Pki.Kubeconfig.Write(
                _data.KubeletKubeconfig, server.GetLeftPart(UriPartial.Authority), authority, "system:node:" + settings.NodeName, _data.KubeletCertificate);
            return $"{server.GetLeftPart(UriPartial.Authority)} knows this node as {settings.NodeName}";
        });
        return settings!;
    }

    private async Task<AgentSettings> AskAsync(
        ApiClient client, Uri server, string authority, AgentSettings? kept, ManagedCertificate certificate, CancellationToken cancellationToken)
    {
        try
        {
            var map = await client.GetAsync<ConfigMap>(ClusterNetwork.MapNamespace, ClusterNetwork.MapName, cancellationToken);
            var nodeName = options.NodeName ?? kept?.NodeName ?? HostNetwork.NodeName();
            await certificate.EnsureAsync(client, CertificateWish.Client(nodeName), cancellationToken);
            return new AgentSettings(server, authority, nodeName, HostNetwork.ChoosePort(kept?.KubeletPort ?? DefaultKubeletPort), ClusterNetwork.Of(map));
        }
        catch (Exception exception) when (exception is ApiException or ApiUnavailableException or CertificateDeniedException)
        {
            throw new ClusterException($"{server} does not let this node join: {exception.Message}", exception);
        }
    }

    private static Uri ServerOf(AgentOptions options)
    {
        var hint = "As in: kybernet agent --server https://192.0.2.1:6443 --token TOKEN; the server says it: kybernet token create --print-join-command";
        if (options.Server is not { } text)
        {
            throw new ClusterException("this node has not joined a cluster yet: --server is needed") { Hint = hint };
        }
        return Uri.TryCreate(text, UriKind.Absolute, out var server) && server.Scheme == Uri.UriSchemeHttps
            ? server
            : throw new ClusterException($"\"{text}\" is no address of an API server") { Hint = hint };
    }

    private static BootstrapToken TokenOf(AgentOptions options)
    {
        var hint = "Make one on the server: kybernet token create --print-join-command";
        if (options.Token is not { } text)
        {
            throw new ClusterException("this node has not joined a cluster yet: --token is needed") { Hint = hint };
        }
        return BootstrapToken.TryParse(text, out var token)
            ? token
            : throw new ClusterException("what --token gives is no token: it is as in abcdef.0123456789abcdef") { Hint = hint };
    }
}
