using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Client;
using Kybernet.Network.Ingresses.Backends;
using Kybernet.Network.Ingresses.Proxying;
using Kybernet.Network.Ingresses.Routing;
using Microsoft.Extensions.Logging;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.Network.Ingresses;

/// <summary>
/// The cluster's ingress: serves the Ingresses of the class <c>kybernet</c> on ports of this machine, straight to the endpoints of their Services. It
/// listens from the first Ingress on: a cluster without any takes no port.
/// </summary>
/// <param name="client">The API server.</param>
/// <param name="options">How it works.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Where it logs.</param>
public sealed partial class IngressHost(ApiClient client, IngressOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<IngressHost>();
    private readonly InformerFactory _informers = new(client, time, loggers);
    private readonly TaskCompletionSource _needed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Serves until cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var statuses = new WorkQueue<NamespacedName>("ingress-status", time);
        var classes = new IngressClasses(_informers.Informer<IngressClass>());
        var backends = FollowBackends();
        var index = new IngressIndex(backends, FindCertificate);
        Follow(index, classes, statuses);
        var loops = new List<Task> { _informers.RunAsync(stop.Token) };
        try
        {
            await EnsureClassAsync(stop.Token);
            await await Task.WhenAny(_needed.Task.WaitAsync(stop.Token), loops[0]);
            await using var server = await ListenAsync(index, stop.Token);
            LogListening(options.ListenAddress, server.Ports.Http, server.Ports.Https);
            var reconciler = new IngressStatuses(client, _informers.Informer<Ingress>(), classes, options.PublishedAddress, server.Ports);
            loops.Add(new Controller("ingress-status", reconciler, statuses, workers: 1, _logger).RunAsync(stop.Token));
            await await Task.WhenAny(loops);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static NamespacedName KeyOf(ObjectMeta metadata) => new(metadata.Namespace ?? "", metadata.Name ?? "");

    private BackendSet FollowBackends()
    {
        var services = _informers.Informer<Service>();
        var slices = _informers.Informer<EndpointSlice>();
        slices.AddIndex(BackendSet.ServiceIndex, static slice => BackendSet.ServiceOf(slice) is { } key ? [key.ToString()] : []);
        var backends = new BackendSet(services, slices);
        services.AddHandler(OnAny<Service>(service => backends.Refresh(KeyOf(service.Metadata))));
        slices.AddHandler(OnAny<EndpointSlice>(slice =>
        {
            if (BackendSet.ServiceOf(slice) is { } key)
            {
                backends.Refresh(key);
            }
        }));
        return backends;
    }

    private void Follow(IngressIndex index, IngressClasses classes, WorkQueue<NamespacedName> statuses)
    {
        var ingresses = _informers.Informer<Ingress>();
        void Refresh(Ingress ingress)
        {
            var key = KeyOf(ingress.Metadata);
            var current = ingresses.Get(key) is { } known && classes.IsOurs(known) ? known : null;
            index.Replace(key, current);
            if (current is not null)
            {
                statuses.Add(key);
                _needed.TrySetResult();
            }
        }

        ingresses.AddHandler(OnAny<Ingress>(Refresh));
        _informers.Informer<IngressClass>().AddHandler(OnAny<IngressClass>(_ =>
        {
            foreach (var ingress in ingresses.List())
            {
                Refresh(ingress);
            }
        }));
        Secrets().AddHandler(OnAny<Secret>(secret => index.RefreshSecret(KeyOf(secret.Metadata))));
    }

    private static InformerHandler<T> OnAny<T>(Action<T> action) => new(action, (_, current) => action(current), action);

    private IInformer<Secret> Secrets() => _informers.Informer<Secret>("", new ListSelection(FieldSelector: "type=kubernetes.io/tls"));

    private SslServerAuthenticationOptions? FindCertificate(NamespacedName key)
    {
        if (Secrets().Get(key) is not { } secret)
        {
            return null;
        }
        try
        {
            return Certificates.Load(secret);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            LogBadCertificate(key, e.Message);
            return null;
        }
    }

    /// <summary>Makes the class, unless somebody has changed or replaced it.</summary>
    private async Task EnsureClassAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.CreateAsync(IngressClasses.Own, cancellationToken);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // from an earlier start
        }
    }

    private async Task<ProxyServer> ListenAsync(IngressIndex index, CancellationToken cancellationToken)
    {
        var fallback = Certificates.SelfSigned(time);
        var ports = new ProxyPorts(FreePort(options.HttpPort), FreePort(options.HttpsPort));
        return await ProxyServer.StartAsync(options.ListenAddress, ports, index, fallback, loggers, cancellationToken);
    }

    /// <summary>The port that is wished for, or 0, for any, where another program or cluster has it.</summary>
    private int FreePort(int port)
    {
        using var probe = new System.Net.Sockets.Socket(options.ListenAddress.AddressFamily, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(options.ListenAddress, port));
            return port;
        }
        catch (System.Net.Sockets.SocketException e)
        {
            LogPortTaken(port, e.Message);
            return 0;
        }
    }

    [LoggerMessage(LogLevel.Information, "Ingress listens on {Address}, ports {Http} and {Https}")]
    private partial void LogListening(IPAddress address, int http, int https);

    [LoggerMessage(LogLevel.Warning, "Ingress cannot have port {Port} and takes another: {Reason}")]
    private partial void LogPortTaken(int port, string reason);

    [LoggerMessage(LogLevel.Warning, "Secret {Secret} is no certificate: {Reason}")]
    private partial void LogBadCertificate(NamespacedName secret, string reason);
}
