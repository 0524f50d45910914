namespace Kybernet.Store.Memory;

/// <summary>What every revision wrote that was not compacted away: history for watchers, and the values of keys. Not thread-safe.</summary>
internal sealed class EventLog
{
    private readonly Dictionary<long, StoreEvent> _byRevision = [];

    public void Keep(StoreEvent written) => _byRevision.Add(written.Revision, written);

    /// <summary>The value that a revision wrote, which was no deletion.</summary>
    public KeyValue ValueAt(long revision) => _byRevision[revision].Current!;

    /// <summary>The events of a prefix after one revision and up to another, of which none was compacted away.</summary>
    public List<StoreEvent> Between(long after, long through, string prefix)
    {
        var events = new List<StoreEvent>();
        for (var revision = after + 1; revision <= through; revision++)
        {
            var candidate = _byRevision[revision];
            if (candidate.Key.StartsWith(prefix, StringComparison.Ordinal))
            {
                events.Add(candidate);
            }
        }
        return events;
    }

    public void Forget(List<long> revisions)
    {
        foreach (var revision in revisions)
        {
            _byRevision.Remove(revision);
        }
    }
}
