using Kybernet.Api;

namespace Kybernet.ApiServer.Storage;

/// <summary>
/// The watchers of a resource, filed by the narrowest thing that they ask for, so that a change costs what its own watchers cost: a thousand
/// kubelets that each watch their node's pods are one look-up. Not safe for concurrent use.
/// </summary>
/// <param name="indexedField">Gives the value of the resource's indexed field; null where it has none.</param>
internal sealed class WatcherIndex(Func<EncodedObject, string?>? indexedField)
{
    private readonly HashSet<Watcher> _all = [];
    private readonly Dictionary<string, HashSet<Watcher>> _byNamespace = new(StringComparer.Ordinal);
    private readonly Dictionary<NamespacedName, HashSet<Watcher>> _byName = [];
    private readonly Dictionary<string, HashSet<Watcher>> _byValue = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Files a watcher.</summary>
    public void Add(Watcher watcher)
    {
        SetOf(watcher.Filter, create: true)!.Add(watcher);
        Count++;
    }

    /// <summary>Takes a watcher out; nothing happens where it is not there.</summary>
    public void Remove(Watcher watcher)
    {
        if (SetOf(watcher.Filter, create: false)?.Remove(watcher) == true)
        {
            Count--;
        }
    }

    /// <summary>Shows a change to every watcher that it may concern.</summary>
    public void Dispatch(CacheEvent change)
    {
        if (Count == 0)
        {
            return;
        }
        Offer(_all, change);
        var key = change.Current.Key;
        if (_byNamespace.TryGetValue(key.Namespace, out var inNamespace))
        {
            Offer(inNamespace, change);
        }
        // A watch of one name may or may not have said the namespace.
        if (_byName.Count > 0)
        {
            if (_byName.TryGetValue(key, out var ofName))
            {
                Offer(ofName, change);
            }
            if (key.Namespace.Length > 0 && _byName.TryGetValue(key with { Namespace = "" }, out var ofNameAnywhere))
            {
                Offer(ofNameAnywhere, change);
            }
        }
        if (_byValue.Count > 0)
        {
            DispatchByValue(change);
        }
    }

    /// <summary>All watchers, in no order.</summary>
    public IEnumerable<Watcher> All()
    {
        foreach (var sets in new IEnumerable<HashSet<Watcher>>[] { [_all], _byNamespace.Values, _byName.Values, _byValue.Values })
        {
            foreach (var set in sets)
            {
                foreach (var watcher in set)
                {
                    yield return watcher;
                }
            }
        }
    }

    private static void Offer(HashSet<Watcher> watchers, CacheEvent change)
    {
        foreach (var watcher in watchers)
        {
            watcher.Offer(change);
        }
    }

    /// <summary>An object whose value changed concerns those who watch the old value too: to them it is gone.</summary>
    private void DispatchByValue(CacheEvent change)
    {
        var now = indexedField!(change.Current);
        var before = change.Previous is null ? null : indexedField(change.Previous);
        if (now is not null && _byValue.TryGetValue(now, out var watchers))
        {
            Offer(watchers, change);
        }
        if (before is not null && before != now && _byValue.TryGetValue(before, out watchers))
        {
            Offer(watchers, change);
        }
    }

    private HashSet<Watcher>? SetOf(WatchFilter filter, bool create)
    {
        if (filter.Name.Length > 0)
        {
            return Find(_byName, new NamespacedName(filter.Namespace, filter.Name), create);
        }
        if (filter.IndexedValue is not null && indexedField is not null)
        {
            return Find(_byValue, filter.IndexedValue, create);
        }
        return filter.Namespace.Length > 0 ? Find(_byNamespace, filter.Namespace, create) : _all;
    }

    private static HashSet<Watcher>? Find<TKey>(Dictionary<TKey, HashSet<Watcher>> sets, TKey key, bool create)
        where TKey : notnull
    {
        if (!sets.TryGetValue(key, out var set) && create)
        {
            sets[key] = set = [];
        }
        return set;
    }
}
