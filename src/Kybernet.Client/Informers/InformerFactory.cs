using System.Threading.Channels;
using Kybernet.Api;
using Kybernet.Api.Json;
using Microsoft.Extensions.Logging;

namespace Kybernet.Client;

/// <summary>
/// Makes informers and runs them. There is one cache for each resource and selection, whoever asks and however often, as a type or as plain objects.
/// Informers may be asked for before and while <see cref="RunAsync"/> runs.
/// </summary>
public sealed class InformerFactory(ApiClient client, TimeProvider time, ILoggerFactory loggers)
{
    private readonly Dictionary<InformerKey, Entry> _entries = [];
    private readonly Channel<Entry> _toRun = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ILogger _logger = loggers.CreateLogger("Kybernet.Client.Informers");
    private readonly Lock _gate = new();

    /// <summary>The informer of a type's objects, of all namespaces.</summary>
    public IInformer<T> Informer<T>()
        where T : class, IResourceObject<T> => Informer<T>("", ListSelection.All);

    /// <summary>The informer of those of a type's objects that are selected, of one namespace or, where it is empty, of all.</summary>
    public IInformer<T> Informer<T>(string @namespace, ListSelection selection)
        where T : class, IResourceObject<T> => new Informer<T>(Objects(T.Resource, @namespace, selection));

    /// <summary>The informer of all objects of a resource, as they are encoded.</summary>
    public ObjectInformer Objects(GroupVersionResource resource) => Objects(resource, "", ListSelection.All);

    /// <summary>The informer of selected objects of a resource, as they are encoded.</summary>
    public ObjectInformer Objects(GroupVersionResource resource, string @namespace, ListSelection selection)
    {
        lock (_gate)
        {
            var key = new InformerKey(resource, @namespace, selection);
            if (_entries.TryGetValue(key, out var known))
            {
                return known.Informer;
            }
            var informer = new ObjectInformer(resource, @namespace, selection, _logger);
            var entry = new Entry(informer, new Reflector(client.Transport, informer, time, _logger), new CancellationTokenSource());
            _entries.Add(key, entry);
            _toRun.Writer.TryWrite(entry);
            return informer;
        }
    }

    /// <summary>Ends an informer that nobody needs any more, because its resource is served no longer. Whoever holds it keeps a cache that stands still.</summary>
    public void Forget(ObjectInformer informer)
    {
        lock (_gate)
        {
            if (_entries.Remove(new InformerKey(informer.Resource, informer.Namespace, informer.Selection), out var entry))
            {
                entry.Ended.Cancel();
            }
        }
    }

    /// <summary>Completes when all informers that have been asked for until now have their first list.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.WhenAll(_entries.Values.Select(entry => entry.Informer.WaitForSyncAsync(cancellationToken)).ToArray());
        }
    }

    /// <summary>Keeps all informers up to date until cancelled; once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var loops = new List<Task>();
        try
        {
            await foreach (var entry in _toRun.Reader.ReadAllAsync(cancellationToken))
            {
                loops.RemoveAll(static loop => loop.IsCompletedSuccessfully);
                loops.Add(FollowAsync(entry, cancellationToken));
            }
        }
        finally
        {
            await Task.WhenAll(loops);
        }
    }

    private static async Task FollowAsync(Entry entry, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, entry.Ended.Token);
        await Task.Yield();
        try
        {
            await entry.Reflector.RunAsync(either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // asked to end
        }
    }

    private readonly record struct InformerKey(GroupVersionResource Resource, string Namespace, ListSelection Selection);

    private sealed record Entry(ObjectInformer Informer, Reflector Reflector, CancellationTokenSource Ended);
}
