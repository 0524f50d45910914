using Kybernet.Api;

namespace Kybernet.Client;

/// <summary>Files objects under values that a function gives. Not safe to share: its table holds the lock.</summary>
internal sealed class ObjectIndex(Func<EncodedObject, IEnumerable<string>> values)
{
    private readonly Dictionary<string, IndexBucket> _buckets = new(StringComparer.Ordinal);

    public EncodedObject[] Find(string value) => _buckets.TryGetValue(value, out var bucket) ? bucket.Snapshot() : [];

    public void Replace(EncodedObject? previous, EncodedObject? current)
    {
        if (previous is not null)
        {
            foreach (var value in values(previous))
            {
                if (_buckets.TryGetValue(value, out var bucket))
                {
                    bucket.Remove(previous.Key);
                    if (bucket.IsEmpty)
                    {
                        _buckets.Remove(value);
                    }
                }
            }
        }
        if (current is not null)
        {
            foreach (var value in values(current))
            {
                if (!_buckets.TryGetValue(value, out var bucket))
                {
                    _buckets.Add(value, bucket = new IndexBucket());
                }
                bucket.Put(current);
            }
        }
    }
}

/// <summary>The objects under one value, and the snapshot that readers share until it changes.</summary>
internal sealed class IndexBucket
{
    private readonly Dictionary<NamespacedName, EncodedObject> _objects = [];
    private EncodedObject[]? _snapshot;

    public bool IsEmpty => _objects.Count == 0;

    public EncodedObject[] Snapshot() => _snapshot ??= [.. _objects.Values];

    public void Put(EncodedObject item)
    {
        _objects[item.Key] = item;
        _snapshot = null;
    }

    public void Remove(NamespacedName key)
    {
        _objects.Remove(key);
        _snapshot = null;
    }
}
