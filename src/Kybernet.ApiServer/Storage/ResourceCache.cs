using System.Collections.Immutable;
using Kybernet.Api;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Storage;

/// <summary>What a resource held at a revision.</summary>
/// <param name="Items">The objects by their key inside the resource, in order.</param>
/// <param name="Revision">The revision of the resource's newest change in it.</param>
internal sealed record CacheSnapshot(ImmutableSortedDictionary<string, EncodedObject> Items, long Revision);

/// <summary>
/// The watch cache of one resource: its current objects in key order, a window of its newest events, and its watchers.
/// One writer, the <see cref="StoreFollower"/>; any number of readers, who take one reference and see one consistent world.
/// </summary>
internal sealed class ResourceCache : IObjectFeed
{
    private const int WindowCapacity = 4096;
    private const int WatcherCapacity = 4096;

    private static readonly ImmutableSortedDictionary<string, EncodedObject> Nothing =
        ImmutableSortedDictionary.Create<string, EncodedObject>(StringComparer.Ordinal);

    private readonly Lock _gate = new();
    private readonly EventWindow _window = new(WindowCapacity);
    private readonly WatcherIndex _watchers;
    private readonly List<IObjectObserver> _observers = [];
    private volatile CacheSnapshot _snapshot = new(Nothing, 0);

    /// <param name="indexedField">Gives the value of the field that watchers are indexed by; null for none.</param>
    public ResourceCache(Func<EncodedObject, string?>? indexedField) => _watchers = new WatcherIndex(indexedField);

    /// <summary>What it holds now.</summary>
    public CacheSnapshot Snapshot => _snapshot;

    /// <summary>An object by its key inside the resource; null where there is none.</summary>
    public EncodedObject? Get(string key) => _snapshot.Items.GetValueOrDefault(key);

    /// <summary>Replaces everything, when the server starts or the store's history was lost. Watches end: their clients list again.</summary>
    public void Reset(IEnumerable<KeyValuePair<string, EncodedObject>> items, long revision)
    {
        lock (_gate)
        {
            var before = _snapshot.Items;
            _snapshot = new CacheSnapshot(Nothing.AddRange(items), revision);
            foreach (var (key, gone) in before)
            {
                if (!_snapshot.Items.ContainsKey(key))
                {
                    Tell(gone, isDeletion: true);
                }
            }
            foreach (var (_, item) in _snapshot.Items)
            {
                Tell(item, isDeletion: false);
            }
            _window.Reset(revision);
            foreach (var watcher in _watchers.All().ToArray())
            {
                watcher.Complete();
            }
        }
    }

    /// <summary>Applies one change.</summary>
    /// <param name="key">The object's key inside the resource.</param>
    /// <param name="current">The object after the change; null where it was deleted.</param>
    /// <param name="revision">The revision of the change.</param>
    public void Apply(string key, EncodedObject? current, long revision)
    {
        lock (_gate)
        {
            var items = _snapshot.Items;
            var previous = items.GetValueOrDefault(key);
            if (current is null && previous is null)
            {
                return; // made and deleted before this server began to follow
            }
            var change = current is null
                ? new CacheEvent(EncodedObject.Parse(ResourceVersionSplice.Replace(previous!.Json.Span, revision)), previous, true, revision)
                : new CacheEvent(current, previous, false, revision);
            _snapshot = new CacheSnapshot(current is null ? items.Remove(key) : items.SetItem(key, current), revision);
            _window.Add(change);
            _watchers.Dispatch(change);
            Tell(change.Current, change.IsDeletion);
        }
    }

    /// <summary>An object by its name; the namespace is empty for cluster-scoped objects.</summary>
    public EncodedObject? Find(string @namespace, string name) => Get(StorageKey.Local(@namespace, name));

    /// <inheritdoc/>
    public IDisposable Subscribe(IObjectObserver observer)
    {
        lock (_gate)
        {
            foreach (var (_, item) in _snapshot.Items)
            {
                observer.OnChanged(item);
            }
            _observers.Add(observer);
        }
        return new Subscription(this, observer);
    }

    /// <summary>Begins a watch after a revision, with the events since then.</summary>
    /// <exception cref="ApiError">410: the events since that revision are not all kept.</exception>
    public Watcher WatchFrom(WatchFilter filter, long revision)
    {
        lock (_gate)
        {
            if (revision < _window.CompleteAfter)
            {
                throw ApiError.Expired($"too old resource version: {revision} ({_window.CompleteAfter})");
            }
            var initial = new List<WatchItem>();
            foreach (var change in _window.After(revision))
            {
                if (filter.See(change) is { } item)
                {
                    initial.Add(item);
                }
            }
            return Register(filter, initial);
        }
    }

    /// <summary>Begins a watch now, with everything that is there as added, and at the option a bookmark that says so.</summary>
    /// <param name="filter">Which objects.</param>
    /// <param name="revision">The revision that the store is known to have been applied to.</param>
    /// <param name="markEnd">Whether the bookmark is wanted.</param>
    public Watcher WatchFromNow(WatchFilter filter, Func<long> revision, bool markEnd)
    {
        lock (_gate)
        {
            var reached = Math.Max(revision(), _snapshot.Revision);
            var initial = new List<WatchItem>();
            foreach (var (_, item) in _snapshot.Items)
            {
                if (filter.Matches(item))
                {
                    initial.Add(new WatchItem(WatchItemType.Added, item, reached));
                }
            }
            if (markEnd)
            {
                initial.Add(new WatchItem(WatchItemType.InitialEventsEnd, null, reached));
            }
            return Register(filter, initial);
        }
    }

    /// <summary>Tells every watcher how far it is up to date.</summary>
    /// <param name="revision">The revision that the store is known to have been applied to, asked for where nothing can be applied in between.</param>
    public void SendBookmarks(Func<long> revision)
    {
        lock (_gate)
        {
            if (_watchers.Count == 0)
            {
                return;
            }
            var reached = revision();
            foreach (var watcher in _watchers.All())
            {
                watcher.OfferBookmark(reached);
            }
        }
    }

    /// <summary>Ends every watch.</summary>
    public void CompleteWatchers()
    {
        lock (_gate)
        {
            foreach (var watcher in _watchers.All())
            {
                watcher.Complete();
            }
        }
    }

    private void Tell(EncodedObject item, bool isDeletion)
    {
        foreach (var observer in _observers)
        {
            if (isDeletion)
            {
                observer.OnDeleted(item);
                continue;
            }
            observer.OnChanged(item);
        }
    }

    private Watcher Register(WatchFilter filter, List<WatchItem> initial)
    {
        var watcher = new Watcher(filter, initial, WatcherCapacity, Remove);
        _watchers.Add(watcher);
        return watcher;
    }

    private void Remove(Watcher watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
        }
    }

    private sealed class Subscription(ResourceCache cache, IObjectObserver observer) : IDisposable
    {
        public void Dispose()
        {
            lock (cache._gate)
            {
                cache._observers.Remove(observer);
            }
        }
    }
}
