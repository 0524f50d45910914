using System.Collections.Concurrent;

namespace Kybernet.Controllers.DaemonSets;

/// <summary>How long what failed on a node waits before it is replaced: from a second, twice as long each time, up to a quarter of an hour.</summary>
internal sealed class FailureBackoff(TimeProvider time)
{
    private static readonly TimeSpan Initial = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Maximum = TimeSpan.FromMinutes(15);
    private readonly ConcurrentDictionary<(string Owner, string Node), (TimeSpan Delay, long Since)> _entries = new();

    /// <summary>How long to wait still; null when it may be replaced now, which counts as a failure that has been dealt with.</summary>
    public TimeSpan? Wait(string owner, string node)
    {
        var now = time.GetTimestamp();
        var known = _entries.GetValueOrDefault((owner, node));
        var elapsed = known.Since == 0 ? TimeSpan.MaxValue : time.GetElapsedTime(known.Since, now);
        if (elapsed < known.Delay)
        {
            return known.Delay - elapsed;
        }
        var doubled = elapsed > 2 * Maximum || known.Delay == TimeSpan.Zero ? Initial : 2 * known.Delay;
        _entries[(owner, node)] = (doubled < Maximum ? doubled : Maximum, now);
        return null;
    }

    /// <summary>Drops what failed so long ago that it begins anew anyway.</summary>
    public void Sweep()
    {
        foreach (var (key, entry) in _entries)
        {
            if (time.GetElapsedTime(entry.Since) > 2 * Maximum)
            {
                _entries.TryRemove(key, out _);
            }
        }
    }
}
