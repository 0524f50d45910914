using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Hosting;
using Kybernet.Client;
using Kybernet.Cluster.Joining;
using Kybernet.Cluster.Node;
using Kybernet.Cluster.Pki;
using Kybernet.Controllers;
using Kybernet.Network.Dns;
using Kybernet.Network.Gateways;
using Kybernet.Network.Ingresses;
using Kybernet.Scheduler;
using Kybernet.Store;
using Kybernet.Store.Etcd;
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
        await using var store = await OpenStoreAsync(cancellationToken);
        await using var server = await StartServerAsync(store, cancellationToken);

        var components = new List<Task>
        {
            Supervise("controllers", token => RunControllersAsync(server, token), stopping.Token),
            Supervise("scheduler", token => RunSchedulerAsync(server, token), stopping.Token),
            Supervise("dns", token => RunDnsAsync(server, token), stopping.Token),
            Supervisor("joining", token => PrepareJoiningAsync(server, token)).RunOnceAsync(stopping.Token),
        };
        try
        {
            if (withNode)
            {
                await runtime;
                components.Add(Supervise("ingress", token => RunIngressAsync(server, token), stopping.Token));
                components.Add(Supervise("gateway", token => RunGatewaysAsync(server, token), stopping.Token));
                var node = new NodeComponents(NodeSettings(), server.ConnectAs, time, loggers);
                components.AddRange(node.Start(stopping.Token));
                await steps.RunAsync(time, "node", async () =>
                {
                    await node.WaitUntilReadyAsync(ComponentUsers.Host, stopping.Token);
                    return $"{settings.NodeName} is Ready";
                });
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

    private async Task<IStore> OpenStoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            return settings.Datastore is { } datastore
                ? new EtcdStore(datastore.ToStoreOptions(time))
                : await SqliteStore.OpenAsync(
                    new SqliteStoreOptions { DataDirectory = data.State, TimeProvider = time, Logger = loggers.CreateLogger<SqliteStore>() }, cancellationToken);
        }
        catch (StoreException e)
        {
            throw new ClusterException(e.Message, e);
        }
    }

    private async Task<ApiServerHost> StartServerAsync(IStore store, CancellationToken cancellationToken)
    {
        ApiServerHost? server = null;
        await steps.RunAsync(time, "API server", async () =>
        {
            var options = new ApiServerOptions
            {
                Listen = new ListenOptions(IPAddress.Any, settings.HttpsPort, pki.ApiServer.Load()),
                ClientAuthorities = [X509Certificate2.CreateFromPem(pki.ClusterAuthority.Certificate)],
                ServiceAccountKeyPem = pki.ServiceAccountKey,
                KubeletClientCertificate = pki.ApiServerKubeletClient.Load(),
                KubeletAuthorities = [X509Certificate2.CreateFromPem(pki.ClusterAuthority.Certificate)],
                FrontProxyClientCertificate = pki.FrontProxyClient.Load(),
                FrontProxyAuthorities = [X509Certificate2.CreateFromPem(pki.FrontProxyAuthority.Certificate)],
                ServiceCidr = settings.Network.ServiceCidr,
                AdvertiseAddress = HostNetwork.NodeAddress(),
            };
            try
            {
                server = await ApiServerHost.StartAsync(store, ApiServerFlags.Apply(options, settings.ApiServerFlags), time, loggers, cancellationToken);
            }
            catch (IOException e)
            {
                throw new ClusterException($"the API server cannot listen on port {settings.HttpsPort}: {e.Message}", e)
                {
                    Hint = "Choose another: --https-port N",
                };
            }
            catch (FormatException e)
            {
                throw new ClusterException(e.Message, e) { Hint = $"It is one of the API server's flags, kept in {data.Settings} from an earlier start." };
            }
            catch (StoreException e)
            {
                throw new ClusterException($"the API server cannot use its store: {e.Message}", e);
            }
            return $"https://127.0.0.1:{settings.HttpsPort}";
        });
        return server!;
    }

    private NodeSettings NodeSettings()
    {
        var serving = pki.KubeletServing.Load();
        return new NodeSettings(data, settings.NodeName, HostNetwork.NodeAddress().ToString(), settings.KubeletPort, settings.Network)
        {
            PodCidr = settings.Network.Mode is null ? "" : settings.Network.FirstNodeCidr,
            ServingCertificate = () => serving,
            ClientAuthority = X509Certificate2.CreateFromPem(pki.ClusterAuthority.Certificate),
        };
    }

    private Task Supervise(string name, Func<CancellationToken, Task> run, CancellationToken cancellationToken) => Supervisor(name, run).RunAsync(cancellationToken);

    private ComponentSupervisor Supervisor(string name, Func<CancellationToken, Task> run) =>
        new(name, run, time, loggers.CreateLogger<ComponentSupervisor>());

    private async Task RunControllersAsync(ApiServerHost server, CancellationToken cancellationToken)
    {
        await using var transport = server.ConnectAs(UserInfo.ControllerManager);
        var options = new ControllerOptions
        {
            RootCertificate = pki.ClusterAuthority.Certificate,
            ClusterSigningCertificate = pki.ClusterAuthority.Certificate,
            ClusterSigningKey = pki.ClusterAuthority.PrivateKey,
            ApproveKubeletServing = true,
            ClusterCidrs = settings.Network.Mode is null ? [] : [IPNetwork.Parse(settings.Network.PodCidr)],
        };
        var manager = new ControllerManager(new ApiClient(transport), options, time, loggers)
        {
            ClientFor = account => new ApiClient(server.ConnectAs(UserInfo.Controller(account))),
        };
        await manager.RunAsync(cancellationToken);
    }

    private async Task RunSchedulerAsync(ApiServerHost server, CancellationToken cancellationToken)
    {
        await using var transport = server.ConnectAs(UserInfo.Scheduler);
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

    private async Task RunIngressAsync(ApiServerHost server, CancellationToken cancellationToken)
    {
        await using var transport = server.ConnectAs(ComponentUsers.Ingress);
        var options = new IngressOptions
        {
            PublishedAddress = HostNetwork.NodeAddress(),
            HttpPort = settings.IngressHttpPort,
            HttpsPort = settings.IngressHttpsPort,
        };
        await new IngressHost(new ApiClient(transport), options, time, loggers).RunAsync(cancellationToken);
    }

    private async Task RunGatewaysAsync(ApiServerHost server, CancellationToken cancellationToken)
    {
        await using var transport = server.ConnectAs(ComponentUsers.Gateway);
        var options = new GatewayOptions { ListenAddress = HostNetwork.NodeAddress() };
        await new GatewayHost(new ApiClient(transport), options, time, loggers).RunAsync(cancellationToken);
    }

    /// <summary>Makes what other machines need to join, as soon as the server is up; nobody has to wait for it.</summary>
    private async Task PrepareJoiningAsync(ApiServerHost server, CancellationToken cancellationToken)
    {
        await using var transport = server.ConnectAs(ComponentUsers.Host);
        var address = new UriBuilder(Uri.UriSchemeHttps, HostNetwork.NodeAddress().ToString(), settings.HttpsPort).Uri;
        await new JoinObjects(new ApiClient(transport)).EnsureAsync(address, pki.ClusterAuthority.Certificate, settings.Network, cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "The cluster is up on port {Port}")]
    private partial void LogReady(int port);

    [LoggerMessage(LogLevel.Information, "Stopping")]
    private partial void LogStopping();
}
