using System.Collections.Concurrent;
using Kybernet.Api;

namespace Kybernet.Client;

/// <summary>
/// One state of a cache: its objects and their indexes. One writer, any number of readers; a read by name takes no lock, and a snapshot is made once
/// and kept until something changes.
/// </summary>
internal sealed class ObjectTable(IReadOnlyDictionary<string, Func<EncodedObject, IEnumerable<string>>> indexes)
{
    private readonly ConcurrentDictionary<NamespacedName, EncodedObject> _objects = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IndexBucket> _byNamespace = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ObjectIndex> _indexes = CreateIndexes(indexes);
    private volatile EncodedObject[]? _snapshot;

    public int Count => _objects.Count;

    public EncodedObject? Get(NamespacedName key) => _objects.GetValueOrDefault(key);

    public EncodedObject[] List()
    {
        if (_snapshot is { } known)
        {
            return known;
        }
        lock (_gate)
        {
            return _snapshot ??= [.. _objects.Values];
        }
    }

    public EncodedObject[] List(string @namespace)
    {
        lock (_gate)
        {
            return _byNamespace.TryGetValue(@namespace, out var bucket) ? bucket.Snapshot() : [];
        }
    }

    public EncodedObject[] ByIndex(string index, string value)
    {
        lock (_gate)
        {
            return _indexes.TryGetValue(index, out var known)
                ? known.Find(value)
                : throw new ArgumentException($"there is no index {index}", nameof(index));
        }
    }

    /// <returns>What was there before.</returns>
    public EncodedObject? Put(EncodedObject item)
    {
        lock (_gate)
        {
            _objects.TryGetValue(item.Key, out var previous);
            _objects[item.Key] = item;
            _snapshot = null;
            Bucket(item.Key.Namespace).Put(item);
            foreach (var index in _indexes.Values)
            {
                index.Replace(previous, item);
            }
            return previous;
        }
    }

    /// <returns>What was there.</returns>
    public EncodedObject? Remove(NamespacedName key)
    {
        lock (_gate)
        {
            if (!_objects.TryRemove(key, out var previous))
            {
                return null;
            }
            _snapshot = null;
            var bucket = Bucket(key.Namespace);
            bucket.Remove(key);
            if (bucket.IsEmpty)
            {
                _byNamespace.Remove(key.Namespace);
            }
            foreach (var index in _indexes.Values)
            {
                index.Replace(previous, null);
            }
            return previous;
        }
    }

    public void AddIndex(string name, Func<EncodedObject, IEnumerable<string>> values)
    {
        lock (_gate)
        {
            var index = new ObjectIndex(values);
            foreach (var item in _objects.Values)
            {
                index.Replace(null, item);
            }
            _indexes.TryAdd(name, index);
        }
    }

    private static Dictionary<string, ObjectIndex> CreateIndexes(IReadOnlyDictionary<string, Func<EncodedObject, IEnumerable<string>>> indexes)
    {
        var made = new Dictionary<string, ObjectIndex>(indexes.Count, StringComparer.Ordinal);
        foreach (var (name, values) in indexes)
        {
            made.Add(name, new ObjectIndex(values));
        }
        return made;
    }

    private IndexBucket Bucket(string @namespace)
    {
        if (!_byNamespace.TryGetValue(@namespace, out var bucket))
        {
            _byNamespace.Add(@namespace, bucket = new IndexBucket());
        }
        return bucket;
    }
}
