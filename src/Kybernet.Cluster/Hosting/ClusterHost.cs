using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kybernet.ApiServer.Hosting;
using Kybernet.Client;
using Kybernet.Cluster.Node;
using Kybernet.Cluster.Pki;
using Kybernet.Controllers;
using Kybernet.Kubelet;
using Kybernet.Network.Dns;
using Kybernet.Scheduler;
using Kybernet.Store.Sqlite;
using Microsoft.Extensions.Logging;

namespace Kybernet.Cluster.Hosting;

/// <summary>
/// The components of a cluster in one process: the store, the API server in front of it, and around them, connected without a socket,
/// the controllers, the scheduler and the kubelet. Each of those is started again when it fails; without the API server there is no going on.
/// </summary>
internal sealed partial class ClusterHost(
    DataDirectory data, ClusterSettings settings, ClusterPki pki, bool withNode, IStepReporter steps, ILoggerFactory loggers, TimeProvider time)
{
    private readonly ILogger _logger = loggers.CreateLogger<ClusterHost>();

    /// <summary>Runs everything until the token fires.</summary>
    /// <param name="ready">Is told once the API server is ready and the node, if there is to be one, too.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ClusterException">It cannot start, or the API server lost its store.</exception>
    public async Task RunAsync(Action ready, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // containerd and the API server do not need one another: both start at once.
        var runtime = withNode ? new NodeRuntime(data, settings.Network, steps, time).StartAsync(stopping.Token) : Task.CompletedTask;
        await using var store = await SqliteStore.OpenAsync(
            new SqliteStoreOptions { DataDirectory = data.State, TimeProvider = time, Logger = loggers.CreateLogger<SqliteStore>() }, cancellationToken);
        await using var server = await StartServerAsync(store, cancellationToken);

        var components = new List<Task>
        {
            Supervise("controllers", token => RunControllersAsync(server, token), stopping.Token),
            Supervise("scheduler", token => RunSchedulerAsync(server, token), stopping.Token),
            Supervise("dns", token => RunDnsAsync(server, token), stopping.Token),
        };
        try
        {
            if (withNode)
            {
                await runtime;
                components.Add(Supervise("kubelet", token => RunKubeletAsync(server, token), stopping.Token));
                await steps.RunAsync(time, "node", () => WaitForNodeAsync(server, stopping.Token));
            }
            ready();
            LogReady(settings.HttpsPort);
            await server.Completion.WaitAsync(cancellationToken);
            throw new ClusterException("the API server has ended");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopping();
        }
        finally
        {
            await stopping.CancelAsync();
            await Task.WhenAll(components);
            await runtime.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<ApiServerHost> StartServerAsync(SqliteStore store, CancellationToken cancellationToken)
    {
        ApiServerHost? server = null;
        await steps.RunAsync(time, "API server", async () =>
        {
            var options = new ApiServerOptions
            {
                Listen = new ListenOptions(IPAddress.Any, settings.HttpsPort, pki.ApiServer.Load()),
                ClientAuthorities = [X509Certificate2.CreateFromPem(pki.ClusterAuthority.Certificate)],
                ServiceAccountKeyPem = pki.ServiceAccountKey,
                KubeletClientCertificate = withNode ? pki.ApiServerKubeletClient.Load() : null,
                KubeletAuthorities = [X509Certificate2.CreateFromPem(pki.ClusterAuthority.Certificate)],
                ServiceCidr = settings.Network.ServiceCidr,
                AdvertiseAddress = HostNetwork.NodeAddress(),
            };
            try
            {
                server = await ApiServerHost.StartAsync(store, options, time, loggers, cancellationToken);
            }
            catch (IOException e)
            {
                throw new ClusterException($"the API server cannot listen on port {settings.HttpsPort}: {e.Message}", e)
                {
                    Hint = "Choose another: --https-port N",
                };
            }
            return $"https://127.0.0.1:{settings.HttpsPort}";
        });
        return server!;
    }

    private Task Supervise(string name, Func<CancellationToken, Task> run, CancellationToken cancellationToken) =>
        new ComponentSupervisor(name, run, time, loggers.CreateLogger<ComponentSupervisor>()).RunAsync(cancellationToken);

    private async Task RunControllersAsync(ApiServerHost server, CancellationToken cancellationToken)
    {
        await using var transport = server.ConnectAs(ComponentUsers.Controllers);
        var options = new ControllerOptions
        {
            RootCertificate = pki.ClusterAuthority.Certificate,
            ClusterSigningCertificate = pki.ClusterAuthority.Certificate,
            ClusterSigningKey = pki.ClusterAuthority.PrivateKey,
            ApproveKubeletServing = true,
        };
        await new ControllerManager(new ApiClient(transport), options, time, loggers).RunAsync(cancellationToken);
    }

    private async Task RunSchedulerAsync(ApiServerHost server, CancellationToken cancellationToken)
    {
        await using var transport = server.ConnectAs(ComponentUsers.Scheduler);
        await new SchedulerHost(new ApiClient(transport), new SchedulerOptions(), time, loggers).RunAsync(cancellationToken);
    }

    private async Task RunDnsAsync(ApiServerHost server, CancellationToken cancellationToken)
    {
        await using var transport = server.ConnectAs(ComponentUsers.Dns);
        var options = new ClusterDnsOptions
        {
            ListenAddress = HostNetwork.NodeAddress(),
            ClusterDomain = ClusterNetwork.Domain,
            ServiceAddress = settings.Network.DnsAddress,
        };
        await new ClusterDnsHost(new ApiClient(transport), options, time, loggers).RunAsync(cancellationToken);
    }

    private async Task RunKubeletAsync(ApiServerHost server, CancellationToken cancellationToken)
    {
        await using var transport = server.ConnectAs(ComponentUsers.Kubelet(settings.NodeName));
        using var serving = pki.KubeletServing.Load();
        using var authority = X509Certificate2.CreateFromPem(pki.ClusterAuthority.Certificate);
        var options = new KubeletOptions
        {
            NodeName = settings.NodeName,
            NodeIP = HostNetwork.NodeAddress().ToString(),
            RootDirectory = data.Kubelet,
            RuntimeEndpoint = "unix://" + data.ContainerdSocket,
            Port = settings.KubeletPort,
            ServerCertificate = () => serving,
            ClientAuthority = authority,
            PodCidr = settings.Network.Mode is null ? "" : settings.Network.FirstNodeCidr,
            ClusterDns = [settings.Network.DnsAddress.ToString()],
            CgroupRoot = data.CgroupRoot,
        };
        await new KubeletHost(new ApiClient(transport), options, time, loggers).RunAsync(cancellationToken);
    }

    private async Task<string> WaitForNodeAsync(ApiServerHost server, CancellationToken cancellationToken)
    {
        await using var transport = server.ConnectAs(ComponentUsers.Host);
        var client = new ApiClient(transport);
        while (true)
        {
            var node = await client.FindAsync<Api.Core.V1.Node>("", settings.NodeName, cancellationToken);
            if (node?.Status?.Conditions?.Any(static condition => condition is { Type: "Ready", Status: "True" }) == true)
            {
                return $"{settings.NodeName} is Ready";
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "The cluster is up on port {Port}")]
    private partial void LogReady(int port);

    [LoggerMessage(LogLevel.Information, "Stopping")]
    private partial void LogStopping();
}
