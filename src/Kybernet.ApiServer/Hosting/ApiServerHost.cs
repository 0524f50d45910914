using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Admission;
using Kybernet.ApiServer.Admission.Expressions;
using Kybernet.ApiServer.Admission.Limits;
using Kybernet.ApiServer.Admission.PodSecurity;
using Kybernet.ApiServer.Admission.Policies;
using Kybernet.ApiServer.Admission.Services;
using Kybernet.ApiServer.Admission.Webhooks;
using Kybernet.ApiServer.Aggregation;
using Kybernet.ApiServer.Audit;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authentication.Jwt;
using Kybernet.ApiServer.Authentication.Tokens;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Authorization.Node;
using Kybernet.ApiServer.Authorization.Rbac;
using Kybernet.ApiServer.Authorization.Reviews;
using Kybernet.ApiServer.Bootstrap;
using Kybernet.ApiServer.CustomResources;
using Kybernet.ApiServer.Discovery;
using Kybernet.ApiServer.FlowControl;
using Kybernet.ApiServer.OpenApi;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.ResourceMetrics;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Rest.Ownership;
using Kybernet.ApiServer.Rest.Paths;
using Kybernet.ApiServer.Rest.Subresources;
using Kybernet.ApiServer.Storage;
using Kybernet.ApiServer.Streaming;
using Kybernet.ApiServer.Streaming.Proxying;
using Kybernet.ApiServer.Webhooks;
using Kybernet.Client;
using Kybernet.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Hosting;

/// <summary>A running API server: one pipeline, an HTTPS front to the network, and an in-process front to whatever shares its process.</summary>
public sealed class ApiServerHost : IAsyncDisposable
{
    /// <summary>Who the server is to itself.</summary>
    private static readonly UserInfo Self = new("system:apiserver", [WellKnownGroups.Masters, WellKnownGroups.Authenticated]);

    /// <summary>What is served without anybody having defined it.</summary>
    private static readonly ResourceRegistry Served = ResourceRegistry.Default.With(ResourceMetricsHandler.Resources);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ApiPipeline _pipeline;
    private readonly StoreFollower _follower;
    private readonly HttpFront _http;
    private readonly ILoggerFactory _loggers;
    private KestrelFront? _front;
    private readonly Auditor? _auditor;
    private readonly IDisposable[] _owned;
    private readonly Task _loops;

    private ApiServerHost(
        ApiPipeline pipeline,
        StoreFollower follower,
        CustomResourceCatalog catalog,
        RemoteServices remote,
        TargetConnections extensions,
        PriorityAndFairness? fairness,
        HttpFront http,
        KestrelFront? front,
        Auditor? auditor,
        Bootstrapper bootstrapper,
        Upkeep upkeep,
        StructuredAuthentication structured,
        ILoggerFactory loggers,
        TimeProvider time,
        params IDisposable[] owned)
    {
        _pipeline = pipeline;
        _follower = follower;
        _http = http;
        _front = front;
        _loggers = loggers;
        _auditor = auditor;
        _owned = owned;
        var aggregator = new ClusterRoleAggregator(follower, new ApiClient(ConnectAs(Self)), time, loggers.CreateLogger<ClusterRoleAggregator>());
        var definitions = new DefinitionController(follower, catalog, new ApiClient(ConnectAs(Self)), time, loggers);
        var keeper = new FlowControlKeeper(follower, new ApiClient(ConnectAs(Self)), bootstrapper, time, loggers.CreateLogger<FlowControlKeeper>());
        var aggregation = new AggregationController(
            follower, catalog, remote, new ServiceCheck(follower, extensions, time), new ApiClient(ConnectAs(Self)), time, loggers);
        _loops = Task.WhenAll(
            follower.RunAsync(_stopping.Token),
            upkeep.RunAsync(_stopping.Token),
            structured.RunAsync(_stopping.Token),
            aggregator.RunAsync(_stopping.Token),
            definitions.RunAsync(_stopping.Token),
            aggregation.RunAsync(_stopping.Token),
            fairness is null ? Task.CompletedTask : Task.WhenAll(keeper.RunAsync(_stopping.Token), fairness.RunAsync(_stopping.Token)));
    }

    /// <summary>The port of the HTTPS front; 0 where there is none.</summary>
    public int Port => _front?.Port ?? 0;

    /// <summary>Completes, with an exception, when the server can no longer follow its store; otherwise when it is stopped.</summary>
    public Task Completion => _loops;

    /// <summary>Starts a server on a store, which stays the caller's.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be read.</exception>
    /// <exception cref="IOException">The port is in use, or may not be used.</exception>
    public static async Task<ApiServerHost> StartAsync(
        IStore store, ApiServerOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var strategies = new StrategyRegistry();
        var follower = new StoreFollower(store, EndpointRegistry.IndexedField(strategies), time, loggers.CreateLogger<StoreFollower>());
        await follower.LoadAsync(cancellationToken);
        var rbac = new RbacIndex(follower);
        var nodes = new NodeGraph(follower);
        var kubelets = new KubeletConnections(follower, options);
        var proxy = new ProxyHandler(follower, kubelets);
        var catalog = new CustomResourceCatalog(Served, follower);
        var services = new ServiceResolver(follower);
        var webhooks = new WebhookConnections(services, time);
        var extensions = new TargetConnections(services, options.FrontProxyClientCertificate);
        var remote = new RemoteServices(follower);
        var fairness = options.FlowControl.PriorityAndFairness
            ? new PriorityAndFairness(follower, options.FlowControl.MaxRequestsInFlight + options.FlowControl.MaxMutatingRequestsInFlight, time)
            : null;
        var nodePorts = new PortReservations(store, options.NodePorts);
        var issuers = new TargetConnections(services, identity: null);
        var structured = new StructuredAuthentication(options.Authentication, options.ServiceAccountIssuer, issuers, time, loggers);
        var auditor = Auditor.Create(options.Audit, time, loggers);
        var pipeline = Compose(
            store, options, strategies, nodePorts, follower, catalog, rbac, nodes, kubelets, proxy, webhooks, new AggregationProxy(remote, extensions), fairness, auditor, structured, time, loggers);
        var http = new HttpFront(pipeline, new ResponseWriter(options.WatchInterval, time));
        var front = options.Listen is null ? null : await KestrelFront.StartAsync(options.Listen, http, loggers, cancellationToken);
        var bootstrapper = new Bootstrapper(new ApiClient(new InProcessTransport(pipeline, Self)), SettingsOf(options, front));
        var ports = new PortRepair(follower, new ObjectStorage(store, follower), nodePorts);
        var upkeep = new Upkeep(store, follower, ports, time, loggers.CreateLogger<Upkeep>());
        var host = new ApiServerHost(
            pipeline, follower, catalog, remote, extensions, fairness, http, front, auditor, bootstrapper, upkeep, structured, loggers, time,
            [structured, issuers, rbac, nodes, kubelets, proxy, webhooks, extensions, remote, catalog, .. fairness is null ? [] : new[] { fairness }]);
        try
        {
            if (options.Bootstraps)
            {
                await bootstrapper.EnsureAsync(cancellationToken); // a second start writes nothing
            }
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>A way into the server for a component of the process, as a user that it does not have to prove to be.</summary>
    public IApiTransport ConnectAs(UserInfo user) => new InProcessTransport(_pipeline, user);

    /// <summary>
    /// Answers an HTTP request that came another way than over the server's own port. Who set a <see cref="UserInfo"/> among its features vouches for
    /// that user; others have to prove who they are.
    /// </summary>
    public Task AnswerAsync(HttpContext context) => _http.HandleAsync(context);

    /// <summary>Begins to listen, where the server does not yet.</summary>
    /// <exception cref="IOException">The port is in use, or may not be used.</exception>
    /// <exception cref="InvalidOperationException">The server listens already.</exception>
    public async Task ListenAsync(ListenOptions listen, CancellationToken cancellationToken)
    {
        if (_front is not null)
        {
            throw new InvalidOperationException($"the server listens already, on port {Port}");
        }
        _front = await KestrelFront.StartAsync(listen, _http, _loggers, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var (_, cache) in _follower.Caches)
        {
            cache.CompleteWatchers();
        }
        await _loops.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_front is not null)
        {
            await _front.DisposeAsync();
        }
        if (_auditor is not null)
        {
            await _auditor.DisposeAsync();
        }
        foreach (var owned in _owned)
        {
            owned.Dispose();
        }
        _stopping.Dispose();
    }

    private static BootstrapSettings SettingsOf(ApiServerOptions options, KestrelFront? front) =>
        new(options.ServiceCidr, options.AdvertiseAddress.ToString(), front?.Port ?? ApiServerOptions.UsualPort, PemOf(options.ClientAuthorities))
        {
            Served = Served,
            RequestHeaderCaPem = PemOf(options.FrontProxyAuthorities),
            RequestHeader = options.Authentication.RequestHeader,
        };

    private static string PemOf(X509Certificate2Collection authorities) => string.Concat(authorities.Select(static authority => authority.ExportCertificatePem() + "\n"));

    private static ApiPipeline Compose(
        IStore store,
        ApiServerOptions options,
        StrategyRegistry strategies,
        PortReservations nodePorts,
        StoreFollower follower,
        CustomResourceCatalog catalog,
        RbacIndex rbac,
        NodeGraph nodes,
        KubeletConnections kubelets,
        ProxyHandler proxy,
        WebhookConnections webhooks,
        AggregationProxy aggregation,
        PriorityAndFairness? fairness,
        Auditor? auditor,
        StructuredAuthentication structured,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        var endpoints = new EndpointRegistry(catalog, strategies, follower, webhooks);
        var storage = new ObjectStorage(store, follower);
        var roles = new RbacAuthorizer(rbac);
        var authorizer = new UnionAuthorizer([new SuperuserAuthorizer(), new NodeAuthorizer(nodes, BootstrapPolicy.NodeRules()), roles]);
        var policies = new PolicySelector(follower, new PolicyParameters(endpoints));
        var requests = new AdmissionBindings(follower, authorizer);
        var dispatcher = new WebhookDispatcher(follower, endpoints, requests, webhooks, loggers.CreateLogger<WebhookDispatcher>());
        var podSecurity = new PodSecurityMetrics();
        var admission = new AdmissionChain(
        [
            new NamespaceLifecycle(follower),
            new ServiceAccountAdmission(follower),
            new NodeRestriction(follower),
            new TaintNewNodes(),
            new LimitRanger(follower),
            new PriorityAdmission(follower),
            new RuntimeClassAdmission(follower),
            new ClaimResizeAdmission(follower),
            new DefaultIngressClass(follower),
            new DefaultTolerationSeconds(),
            new ServiceAllocation(follower, options.ServiceCidr, new AddressReservations(storage, endpoints, time), nodePorts),
            new PodSecurityAdmission(follower, PodSecurityConfiguration.Read(options.Admission.Configurations.GetValueOrDefault("PodSecurity")), podSecurity, time),
            new EscalationCheck(rbac, roles, authorizer),
            new MutatingPolicies(follower, policies, requests, endpoints),
            new MutatingWebhooks(follower, dispatcher),
            new ValidatingPolicies(follower, policies, requests),
            new ValidatingWebhooks(follower, dispatcher),
            new QuotaAdmission(follower, storage, endpoints),
        ]);
        var reader = new ObjectReader(store, follower, time);
        var creator = new ObjectCreator(storage, admission, time);
        var updater = new ObjectUpdater(storage, creator, admission, time);
        var patcher = new ObjectPatcher(updater);
        var applier = new ObjectApplier(storage, creator, updater, authorizer, time);
        var deleter = new ObjectDeleter(storage, admission, time);
        var keys = new ServiceAccountKeys(options.ServiceAccountIssuer, SigningKey.FromPem(options.ServiceAccountKeyPem), []);
        string[] audiences = [options.ServiceAccountIssuer];
        var bearer = new BearerAuthenticator(
        [
            new StaticTokenAuthenticator(options.Authentication.Tokens),
            new ServiceAccountTokenAuthenticator(keys, audiences, follower, time),
            new BootstrapTokenAuthenticator(follower, time),
            new ApiAudienceAuthenticator(structured, audiences),
        ]);
        var router = new ResourceRouter(
            endpoints,
            reader,
            creator,
            updater,
            patcher,
            applier,
            deleter,
            new ConnectAdmission(admission),
            [
                new ScaleHandler(endpoints, reader, updater),
                new BindingHandler(endpoints, updater, time),
                new EvictionHandler(endpoints, deleter, updater, time),
                new NamespaceFinalizeHandler(endpoints, updater),
                new TokenHandler(new TokenRequestHandler(keys, audiences, follower, time), storage, admission),
                new PodStreamHandler(new PodLocator(follower, kubelets), kubelets, time),
                proxy,
                new ReviewHandler(new AccessReviewer(authorizer), new RulesReviewer(roles), new IdentityReviewer(bearer, audiences, time)),
                new ResourceMetricsHandler(new KubeletSummaries(follower, kubelets, time, loggers.CreateLogger<KubeletSummaries>()), follower),
            ],
            time);
        var authenticator = new UnionAuthenticator(
        [
            new RequestHeaderAuthenticator(new ClientCertificateAuthenticator(options.FrontProxyAuthorities, time), options.Authentication.RequestHeader),
            new ClientCertificateAuthenticator(options.ClientAuthorities, time),
            new PasswordAuthenticator(options.Authentication.Passwords),
            bearer,
        ],
        structured.AllowsAnonymous);
        var metrics = new RequestMetrics();
        var checks = Checks(store);
        return new ApiPipeline(
            authenticator,
            auditor,
            authorizer,
            new Impersonation(authorizer),
            fairness as IFlowControl ?? new MaxInFlight(options.FlowControl.MaxRequestsInFlight, options.FlowControl.MaxMutatingRequestsInFlight),
            aggregation,
            router,
            [
                new HealthHandler(checks),
                new IndexHandler(catalog, [.. checks.Select(check => check.Name)]),
                new VersionHandler(),
                new DiscoveryHandler(catalog, $"{options.AdvertiseAddress}:{options.Listen?.Port ?? ApiServerOptions.UsualPort}"),
                new MetricsHandler(metrics, follower, podSecurity, auditor, fairness),
                .. fairness is null ? [] : new IPathHandler[] { new FlowControlDump(fairness, time) },
                new OpenApiHandler(catalog),
                new OpenIdHandler(new OpenIdDiscovery(keys, $"https://{options.AdvertiseAddress}:{options.Listen?.Port ?? ApiServerOptions.UsualPort}")),
            ],
            metrics,
            options.Observe,
            time,
            loggers.CreateLogger<ApiPipeline>());
    }

    private static HealthCheck[] Checks(IStore store) =>
    [
        new HealthCheck("ping", static _ => new ValueTask<string?>((string?)null)),
        new HealthCheck("etcd", async cancellationToken =>
        {
            try
            {
                await store.GetRevisionAsync(cancellationToken);
                return null;
            }
            catch (StoreUnavailableException exception)
            {
                return exception.Message;
            }
        }),
    ];
}
