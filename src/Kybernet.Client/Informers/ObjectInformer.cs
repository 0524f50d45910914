using Kybernet.Api;
using Microsoft.Extensions.Logging;

namespace Kybernet.Client;

/// <summary>
/// A cache of one resource's objects as they are encoded, kept up to date by a <see cref="Reflector"/>: what the typed informers of a resource look
/// into, and what those use that look at metadata only (<see cref="ObjectHeader"/>) or do not know the type.
/// </summary>
public sealed partial class ObjectInformer
{
    private readonly Dictionary<string, Func<EncodedObject, IEnumerable<string>>> _indexes = new(StringComparer.Ordinal)
    {
        [IndexNames.OwnerUid] = OwnerUids,
    };

    // Held while handlers are told, so that one that comes late is told of what is there without missing or repeating a change.
    private readonly Lock _dispatch = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger _logger;
    private IInformerHandler<EncodedObject>[] _handlers = [];
    private volatile ObjectTable _table;

    internal ObjectInformer(GroupVersionResource resource, string @namespace, ListSelection selection, ILogger logger)
    {
        Resource = resource;
        Namespace = @namespace;
        Selection = selection;
        _logger = logger;
        _table = new ObjectTable(_indexes);
    }

    /// <summary>The resource whose objects these are.</summary>
    public GroupVersionResource Resource { get; }

    /// <summary>The namespace that the objects are of; empty for all.</summary>
    public string Namespace { get; }

    /// <summary>Which objects are held.</summary>
    public ListSelection Selection { get; }

    /// <summary>Whether the first list is complete.</summary>
    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>How many objects are held.</summary>
    public int Count => _table.Count;

    /// <summary>Completes when the first list is complete and handlers have been told of it.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    /// <summary>The object of that name; null where there is none.</summary>
    public EncodedObject? Get(NamespacedName key) => _table.Get(key);

    /// <summary>All objects, in no order.</summary>
    public IReadOnlyList<EncodedObject> List() => _table.List();

    /// <summary>The objects of a namespace, in no order.</summary>
    public IReadOnlyList<EncodedObject> List(string @namespace) => _table.List(@namespace);

    /// <summary>The objects that an index has under a value, in no order.</summary>
    /// <exception cref="ArgumentException">There is no such index.</exception>
    public IReadOnlyList<EncodedObject> ByIndex(string index, string value) => _table.ByIndex(index, value);

    /// <summary>Adds an index; one of that name that is there already stays, for informers are shared.</summary>
    public void AddIndex(string name, Func<EncodedObject, IEnumerable<string>> values)
    {
        lock (_dispatch)
        {
            if (_indexes.TryAdd(name, values))
            {
                _table.AddIndex(name, values);
            }
        }
    }

    /// <summary>Tells a handler of every change from now on, of what is there already as added first; one call after another.</summary>
    public void AddHandler(IInformerHandler<EncodedObject> handler)
    {
        lock (_dispatch)
        {
            _handlers = [.. _handlers, handler];
            foreach (var item in _table.List())
            {
                Tell(handler, null, item);
            }
        }
    }

    /// <summary>Tells a handler nothing more.</summary>
    public void RemoveHandler(IInformerHandler<EncodedObject> handler)
    {
        lock (_dispatch)
        {
            _handlers = [.. _handlers.Where(known => !ReferenceEquals(known, handler))];
        }
    }

    internal EncodedObject[] Snapshot() => _table.List();

    internal EncodedObject[] Snapshot(string @namespace) => _table.List(@namespace);

    internal EncodedObject[] SnapshotByIndex(string index, string value) => _table.ByIndex(index, value);

    /// <summary>Takes a complete list: readers go from the old state to the new in one step, then handlers are told the difference.</summary>
    internal void Replace(IReadOnlyList<EncodedObject> objects)
    {
        lock (_dispatch)
        {
            var previous = _table;
            var current = new ObjectTable(_indexes);
            foreach (var item in objects)
            {
                current.Put(item);
            }
            _table = current;
            foreach (var gone in previous.List())
            {
                if (current.Get(gone.Key) is null)
                {
                    TellAll(gone, null);
                }
            }
            foreach (var item in objects)
            {
                TellAll(previous.Get(item.Key), item);
            }
            _synced.TrySetResult();
        }
    }

    internal void Apply(in ObjectEvent change)
    {
        lock (_dispatch)
        {
            if (change.Type == ObjectEventType.Deleted)
            {
                if (_table.Remove(change.Object.Key) is not null)
                {
                    TellAll(change.Object, null);
                }
                return;
            }
            TellAll(_table.Put(change.Object), change.Object);
        }
    }

    private static IEnumerable<string> OwnerUids(EncodedObject item)
    {
        var owners = item.Header.OwnerReferences;
        return owners.Count switch
        {
            0 => [],
            1 => [owners[0].Uid],
            _ => owners.Select(owner => owner.Uid).Distinct(StringComparer.Ordinal),
        };
    }

    private void TellAll(EncodedObject? previous, EncodedObject? current)
    {
        foreach (var handler in _handlers)
        {
            Tell(handler, previous, current);
        }
    }

    private void Tell(IInformerHandler<EncodedObject> handler, EncodedObject? previous, EncodedObject? current)
    {
        try
        {
            if (previous is not null && current is not null && previous.Header.Uid == current.Header.Uid)
            {
                if (previous.Header.ResourceVersion != current.Header.ResourceVersion)
                {
                    handler.OnUpdated(previous, current);
                }
                return;
            }
            if (previous is not null)
            {
                handler.OnDeleted(previous); // another object of the same name is another object, though the watch was not there to see the first go
            }
            if (current is not null)
            {
                handler.OnAdded(current);
            }
        }
#pragma warning disable CA1031 // One handler's fault must not end the cache that everyone else reads.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogHandlerFailed(exception, Resource, (current ?? previous)!.Key);
        }
    }

    [LoggerMessage(LogLevel.Error, "A handler of {Resource} failed on {Key}")]
    private partial void LogHandlerFailed(Exception exception, GroupVersionResource resource, NamespacedName key);
}
