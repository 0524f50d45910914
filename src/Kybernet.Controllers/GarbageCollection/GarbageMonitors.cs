using System.Collections.Concurrent;
using Kybernet.Api;
using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.Controllers.GarbageCollection;

/// <summary>Follows the objects of every resource that can be deleted, and tells the graph; looks now and then which resources there are.</summary>
internal sealed partial class GarbageMonitors(Discovery discovery, InformerFactory informers, OwnerGraph graph, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(30);

    // A resource whose server does not answer must not hold up the collection of all others for longer than this.
    private static readonly TimeSpan SyncPatience = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<GroupVersionResource, Monitor> _monitors = new();
    private IReadOnlyList<ServedResource> _served = [];

    /// <summary>Whether enough has been seen to tell who depends on whom.</summary>
    public bool IsReady => !_monitors.IsEmpty
        && _monitors.Values.All(monitor => monitor.Informer.HasSynced || time.GetElapsedTime(monitor.Since) > SyncPatience);

    /// <summary>The resource of a kind; null where none is known.</summary>
    public ServedResource? Find(string apiVersion, string kind)
    {
        var version = GroupVersion.Parse(apiVersion);
        return Volatile.Read(ref _served).FirstOrDefault(served => served.Kind == kind && served.Resource.Group == version.Group);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                LogFailed(exception);
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
                continue;
            }
            await Task.Delay(LookAgainAfter, time, cancellationToken);
        }
    }

    /// <summary>Asks what is served, and follows what is new.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var (served, failures) = await discovery.FindAsync(cancellationToken);
        Volatile.Write(ref _served, served);
        var wanted = served.Where(IsCollected).ToDictionary(static resource => resource.Resource);
        foreach (var (resource, monitor) in _monitors)
        {
            if (!wanted.ContainsKey(resource) && failures.Count == 0 && _monitors.TryRemove(resource, out _))
            {
                monitor.Informer.RemoveHandler(monitor.Handler);
                informers.Forget(monitor.Informer);
                foreach (var item in monitor.Informer.List())
                {
                    graph.Remove(item.Header.Uid);
                }
            }
        }
        foreach (var resource in wanted.Values)
        {
            if (!_monitors.ContainsKey(resource.Resource))
            {
                var informer = informers.Objects(resource.Resource);
                var handler = new Handler(graph, resource);
                _monitors[resource.Resource] = new Monitor(informer, handler, time.GetTimestamp());
                informer.AddHandler(handler);
            }
        }
    }

    /// <summary>Events come and go too fast and own nothing.</summary>
    private static bool IsCollected(ServedResource served) =>
        served.Verbs.Contains("delete") && served.Verbs.Contains("list") && served.Verbs.Contains("watch")
        && served.Resource is not { Resource: "events", Group: "" or "events.k8s.io" };

    [LoggerMessage(LogLevel.Warning, "Looking for what there is to collect failed; trying again")]
    private partial void LogFailed(Exception exception);

    private sealed record Monitor(ObjectInformer Informer, Handler Handler, long Since);

    private sealed class Handler(OwnerGraph graph, ServedResource resource) : IInformerHandler<EncodedObject>
    {
        public void OnAdded(EncodedObject added) => graph.Put(resource, added);

        public void OnUpdated(EncodedObject previous, EncodedObject current) => graph.Put(resource, current);

        public void OnDeleted(EncodedObject deleted) => graph.Remove(deleted.Header.Uid);
    }
}
