using Kybernet.Api;
using Kybernet.Api.Gateway.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Attachment;
using Kybernet.Network.Gateways.Definitions;
using Kybernet.Network.Gateways.Serving;
using Kybernet.Network.Gateways.Statuses;
using Kybernet.Network.Ingresses.Backends;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Gateways;

/// <summary>
/// The cluster's gateways: serves the Gateways of the class <c>kybernet</c>, each at ports of its own, straight to the endpoints of their routes. Until
/// there is a Gateway it follows Gateways and their classes, and nothing else.
/// </summary>
/// <param name="client">The API server.</param>
/// <param name="options">How they work.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Where it logs.</param>
public sealed class GatewayHost(ApiClient client, GatewayOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<GatewayHost>();

    /// <summary>Serves until cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var classQueue = new WorkQueue<NamespacedName>("gatewayclass", time);
        var bundle = await new GatewayDefinitions(client, time, _logger).EnsureAsync(stop.Token);
        await EnsureClassAsync(stop.Token);
        var informers = new InformerFactory(client, time, loggers);
        var classes = new GatewayClasses(client, informers.Informer<GatewayClass>(), bundle, time);
        var needed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        informers.Informer<GatewayClass>().AddHandler(OnAny<GatewayClass>(item => classQueue.Add(item.Metadata.Key())));
        informers.Informer<Gateway>().AddHandler(OnAny<Gateway>(_ => needed.TrySetResult()));
        var loops = new List<Task>
        {
            informers.RunAsync(stop.Token),
            new Controller("gatewayclass", classes, classQueue, workers: 1, _logger).RunAsync(stop.Token),
        };
        try
        {
            await await Task.WhenAny(loops.Append(needed.Task.WaitAsync(stop.Token)));
            loops.Add(ServeAsync(informers, classes, stop.Token));
            await await Task.WhenAny(loops);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static InformerHandler<T> OnAny<T>(Action<T> action) => new(action, (_, current) => action(current), action);

    private async Task ServeAsync(InformerFactory informers, GatewayClasses classes, CancellationToken cancellationToken)
    {
        using var queue = new WorkQueue<NamespacedName>("gateway", time);
        var caches = new GatewayCaches(informers);
        var backends = new BackendSet(caches.Services, caches.Slices);
        new GatewayWatches(caches, backends, queue).Start();
        await informers.WaitForSyncAsync(cancellationToken);
        await using var server = await GatewayServer.StartAsync(time, loggers, cancellationToken);
        await using var ports = new GatewayPorts(server, options.ListenAddress);
        var authorities = new AuthorityMaps(caches.Maps);
        var policies = new BackendTlsPolicies(caches.Policies, authorities);
        var reconciler = new GatewayReconciler(
            caches,
            classes,
            new GatewayPlanner(caches, backends, authorities, policies),
            ports,
            new GatewayService(client, caches, options.ListenAddress),
            new GatewayStatuses(client, time, options.LoadBalancerPatience),
            new RouteStatuses(client, time),
            new PolicyStatuses(client, caches.Policies, policies, time));
        await new Controller("gateway", reconciler, queue, workers: 1, _logger).RunAsync(cancellationToken);
    }

    /// <summary>Makes the class, unless somebody has changed or replaced it.</summary>
    private async Task EnsureClassAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.CreateAsync(GatewayClasses.Own, cancellationToken);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // from an earlier start
        }
    }
}
