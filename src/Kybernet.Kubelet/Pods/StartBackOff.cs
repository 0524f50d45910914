using System.Collections.Concurrent;

namespace Kybernet.Kubelet.Pods;

/// <summary>
/// How long to wait before something that fails is tried again: longer each time, up to a bound; forgotten after twice the bound without a try.
/// </summary>
internal sealed class StartBackOff(TimeSpan initial, TimeSpan maximum, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>How much longer to wait, counted from an event such as the end of the last try; zero or less where it may be tried.</summary>
    public TimeSpan RemainingSince(string key, DateTimeOffset since) =>
        _entries.TryGetValue(key, out var entry) && since - entry.UpdatedAt <= maximum * 2 ? entry.Delay - (time.GetUtcNow() - since) : TimeSpan.Zero;

    /// <summary>How much longer to wait, counted from the last try.</summary>
    public TimeSpan RemainingSinceTry(string key)
    {
        var now = time.GetUtcNow();
        return _entries.TryGetValue(key, out var entry) && now - entry.UpdatedAt <= maximum * 2 ? entry.Delay - (now - entry.UpdatedAt) : TimeSpan.Zero;
    }

    /// <summary>The wait that is in force.</summary>
    public TimeSpan Delay(string key) => _entries.TryGetValue(key, out var entry) ? entry.Delay : TimeSpan.Zero;

    /// <summary>Counts a try: the wait after it is longer than the one before.</summary>
    public void Next(string key, DateTimeOffset since)
    {
        var now = time.GetUtcNow();
        _entries.AddOrUpdate(
            key,
            _ => new Entry(initial, now),
            (_, entry) => since - entry.UpdatedAt > maximum * 2 ? new Entry(initial, now) : new Entry(entry.Delay * 2 < maximum ? entry.Delay * 2 : maximum, now));
    }

    /// <summary>Forgets what begins with a prefix.</summary>
    public void Forget(string prefix)
    {
        foreach (var key in _entries.Keys)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal))
            {
                _entries.TryRemove(key, out _);
            }
        }
    }

    private readonly record struct Entry(TimeSpan Delay, DateTimeOffset UpdatedAt);
}
