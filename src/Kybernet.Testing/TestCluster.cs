using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Hosting;
using Kybernet.Client;
using Kybernet.Controllers;
using Kybernet.Scheduler;
using Kybernet.Store.Memory;
using Kybernet.Testing.Faults;
using Kybernet.Testing.Manifests;
using Kybernet.Testing.Nodes;
using Kybernet.Testing.Recording;
using Kybernet.Testing.Transport;

namespace Kybernet.Testing;

/// <summary>
/// A real Kubernetes API server in this process, with its controllers and, by option, a scheduler and nodes whose pods only pretend to run. It has a
/// store in memory and no port; disposing of it leaves nothing behind.
/// </summary>
public sealed partial class TestCluster : IAsyncDisposable
{
    /// <summary>The address that its clients believe to talk to. Nothing listens there.</summary>
    private const string Address = "http://kybernet.invalid";

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<IDisposable> _clients = [];
    private readonly TestClusterOptions _options;
    private readonly MemoryStore _store;
    private readonly ApiServerHost _server;
    private readonly MemoryServer _front;
    private readonly HollowKubelets _kubelets;
    private readonly ApiClient _admin;
    private readonly ResourcePaths _paths;
    private Task _components = Task.CompletedTask;
    private int _disposed;

    private TestCluster(TestClusterOptions options, MemoryStore store, ApiServerHost server, MemoryServer front, FaultSet faults, HollowKubelets kubelets, RequestLog requests, X509Certificate2Collection clientAuthorities)
    {
        _options = options;
        _store = store;
        _server = server;
        _front = front;
        _kubelets = kubelets;
        _clientAuthorities = clientAuthorities;
        Requests = requests;
        Faults = faults;
        _admin = new ApiClient(server.ConnectAs(Administrator));
        _paths = new ResourcePaths(_admin.Transport);
        Client = ClientOf(Administrator);
    }

    /// <summary>A client that may do anything.</summary>
    public Kubernetes Client { get; }

    /// <summary>What goes wrong for the cluster's clients, at the test's word.</summary>
    public FaultSet Faults { get; }

    /// <summary>Every request that the server has answered, of clients and controllers alike: the newest of them.</summary>
    public RequestLog Requests { get; }

    /// <summary>The clock of everything in the cluster.</summary>
    public TimeProvider Clock => _options.Clock;

    private static UserInfo Administrator { get; } = new("kubernetes-admin", ["system:masters", "system:authenticated"]);

    /// <summary>Starts a cluster. It is ready when this returns.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<TestCluster> StartAsync(TestClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new TestClusterOptions();
        var requests = new RequestLog(options.RememberedRequests, options.Clock);
        var kubelets = new HollowKubelets();
        var clientAuthorities = new X509Certificate2Collection(); // none, until somebody asks for a kubeconfig
        var (store, isBootstrapped) = BootstrappedStore.Create(options);
        var faults = new FaultSet(options.Clock);
        var front = new MemoryServer(options.Loggers);
        // The two need one another only once there is a request: in a cold process each has a core to itself.
        var listening = Task.Run(() => front.StartAsync(cancellationToken), cancellationToken);
        var server = await StartServerAsync(options, store, isBootstrapped, kubelets, requests, clientAuthorities, cancellationToken);
        BootstrappedStore.Keep(options, store);
        front.Handle = context => faults.HandleAsync(context, server.AnswerAsync);
        await listening;
        var cluster = new TestCluster(options, store, server, front, faults, kubelets, requests, clientAuthorities);
        try
        {
            await cluster.StartComponentsAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// How a client of one's own reaches the cluster, such as that of an operator framework: with <c>new Kubernetes(cluster.Configuration())</c> or whatever
    /// takes the client's configuration. There is no port; the connections are made inside the process.
    /// </summary>
    /// <param name="user">Who it is to the server; the administrator unless named.</param>
    /// <param name="groups">The user's groups, besides <c>system:authenticated</c>.</param>
    public KubernetesClientConfiguration Configuration(string? user = null, params IReadOnlyList<string> groups)
    {
        ThrowIfDisposed();
        return ConfigurationOf(user is null ? Administrator : UserOf(user, groups));
    }

    /// <summary>A client that acts as somebody else, to whom RBAC applies. It goes with the cluster.</summary>
    /// <param name="user">As in <c>jane</c> or <c>system:serviceaccount:default:operator</c>, which is in the groups of ServiceAccounts by itself.</param>
    /// <param name="groups">The user's groups, besides <c>system:authenticated</c>.</param>
    public Kubernetes ClientAs(string user, params IReadOnlyList<string> groups)
    {
        ThrowIfDisposed();
        ArgumentException.ThrowIfNullOrEmpty(user);
        return ClientOf(UserOf(user, groups));
    }

    /// <summary>A handler for any other HTTP client, as the administrator; its requests may go to any host. The caller disposes of it.</summary>
    public HttpMessageHandler CreateHandler()
    {
        ThrowIfDisposed();
        return _front.CreateHandler(Administrator);
    }

    /// <summary>Stops everything at once: open watches end, and nothing is left of the cluster.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        await _stopping.CancelAsync();
        await _components.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var client in _clients)
        {
            client.Dispose();
        }
        await _front.DisposeAsync();
        await _server.DisposeAsync();
        CloseEndpoint();
        _kubelets.Dispose();
        await _store.DisposeAsync();
        _addingNode.Dispose();
        _opening.Dispose();
        _stopping.Dispose();
    }

    private static async Task<ApiServerHost> StartServerAsync(
        TestClusterOptions options,
        MemoryStore store,
        bool isBootstrapped,
        HollowKubelets kubelets,
        RequestLog requests,
        X509Certificate2Collection clientAuthorities,
        CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var told = new ApiServerOptions
        {
            ServiceAccountKeyPem = key.ExportPkcs8PrivateKeyPem(),
            Bootstraps = !isBootstrapped,
            ClientAuthorities = clientAuthorities,
            KubeletHandler = kubelets,
            WatchInterval = TimeSpan.Zero, // a test waits for the event, and nothing for the processor
            Observe = requests.Add,
        };
        return await ApiServerHost.StartAsync(store, options.ConfigureApiServer?.Invoke(told) ?? told, options.Clock, options.Loggers, cancellationToken);
    }

    private static UserInfo UserOf(string user, IReadOnlyList<string> groups)
    {
        const string Prefix = "system:serviceaccount:";
        var account = user.StartsWith(Prefix, StringComparison.Ordinal) ? user[Prefix.Length..].Split(':') : [];
        var known = account.Length == 2 ? UserInfo.ServiceAccount(account[0], account[1]) : new UserInfo(user, ["system:authenticated"]);
        return known with { Groups = [.. known.Groups, .. groups] };
    }

    private async Task StartComponentsAsync(CancellationToken cancellationToken)
    {
        var running = new List<Task>();
        if (_options.Controllers.Count > 0)
        {
            var manager = new ControllerManager(
                new ApiClient(_server.ConnectAs(UserInfo.ControllerManager)), new ControllerOptions { Controllers = _options.Controllers }, Clock, _options.Loggers)
            {
                ClientFor = account => new ApiClient(_server.ConnectAs(UserInfo.Controller(account))),
            };
            running.Add(manager.RunAsync(_stopping.Token));
        }
        if (_options.Scheduler)
        {
            var scheduler = new SchedulerHost(new ApiClient(_server.ConnectAs(UserInfo.Scheduler)), new SchedulerOptions(), Clock, _options.Loggers);
            running.Add(scheduler.RunAsync(_stopping.Token));
        }
        running.ForEach(Run);
        foreach (var node in _options.Nodes)
        {
            await AddNodeAsync(node, cancellationToken);
        }
    }

    private KubernetesClientConfiguration ConfigurationOf(UserInfo user) => new()
    {
        Host = Address,
        DisableHttp2 = true,
        HttpClientTimeout = Timeout.InfiniteTimeSpan, // a watch may last
        FirstMessageHandlerSetup = handler => _front.Configure(handler, user),
    };

    private Kubernetes ClientOf(UserInfo user)
    {
        var client = new Kubernetes(ConfigurationOf(user));
        _clients.Add(client);
        return client;
    }

    private void ThrowIfDisposed()
    {
        if (_disposed != 0)
        {
            throw new ObjectDisposedException(nameof(TestCluster), "The test cluster was disposed of. Keep it, in a fixture, for as long as its clients are used.");
        }
    }
}
