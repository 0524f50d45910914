using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Kybernet.Kubelet.Server.Access;

/// <summary>Remembers answers for a while. Whoever asks ever new questions does not fill the memory: when it is full it begins anew.</summary>
internal sealed class ExpiringCache<TKey, TValue>(TimeProvider time)
    where TKey : notnull
{
    private const int Capacity = 1024;

    private readonly ConcurrentDictionary<TKey, (TValue Value, DateTimeOffset Until)> _entries = new();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var known = _entries.TryGetValue(key, out var entry) && time.GetUtcNow() < entry.Until;
        value = known ? entry.Value : default;
        return known;
    }

    public void Set(TKey key, TValue value, TimeSpan freshness)
    {
        if (_entries.Count >= Capacity)
        {
            _entries.Clear();
        }
        _entries[key] = (value, time.GetUtcNow() + freshness);
    }
}
