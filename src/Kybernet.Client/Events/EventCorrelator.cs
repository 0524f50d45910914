using Kybernet.Api.Core.V1;

namespace Kybernet.Client;

/// <summary>
/// Keeps events from flooding the server, by client-go's three rules: an event that was seen before counts up the one there is; events that differ in
/// their message only become one after ten of them in ten minutes; and one source may tell of one object 25 times at once, then once in five minutes.
/// Not safe to share.
/// </summary>
internal sealed class EventCorrelator(TimeProvider time)
{
    private const int CacheSize = 4096;
    private const int MaxSimilar = 10;
    private const int SpamBurst = 25;
    private const double SpamPerSecond = 1.0 / 300;
    private const string CombinedPrefix = "(combined from similar events): ";
    private static readonly TimeSpan SimilarInterval = TimeSpan.FromMinutes(10);
    private readonly LruCache<SourceKey, TokenBucket> _spam = new(CacheSize);
    private readonly LruCache<SimilarKey, Similar> _similar = new(CacheSize);
    private readonly LruCache<EventKey, Seen> _seen = new(CacheSize);

    /// <summary>What to write; null for nothing.</summary>
    public Correlated? Correlate(Event candidate)
    {
        var involved = candidate.InvolvedObject;
        var source = new SourceKey(
            candidate.Source?.Component, candidate.Source?.Host, involved.Kind, involved.Namespace, involved.Name, involved.Uid, involved.ApiVersion, null);
        var (aggregated, key) = Aggregate(candidate, source);
        var observed = Observe(aggregated, key);
        if (!_spam.TryGet(source, out var bucket))
        {
            _spam.Set(source, bucket = new TokenBucket(SpamPerSecond, SpamBurst, time));
        }
        return bucket.TryTake() ? observed : null;
    }

    /// <summary>Remembers what the server made of an event.</summary>
    public void Written(EventKey key, Event written) =>
        _seen.Set(key, new Seen(written.Metadata.Name ?? "", written.Count ?? 1, written.FirstTimestamp));

    private (Event Event, EventKey Key) Aggregate(Event candidate, SourceKey source)
    {
        var now = time.GetUtcNow();
        var similarKey = new SimilarKey(source, candidate.Type, candidate.Reason);
        if (!_similar.TryGet(similarKey, out var similar) || now - similar.Last > SimilarInterval)
        {
            similar = new Similar([], now);
        }
        similar.Messages.Add(candidate.Message ?? "");
        _similar.Set(similarKey, similar with { Last = now });
        if (similar.Messages.Count < MaxSimilar)
        {
            return (candidate, new EventKey(source with { FieldPath = candidate.InvolvedObject.FieldPath }, candidate.Type, candidate.Reason, candidate.Message));
        }
        // No more messages are kept than are needed to know that there are many.
        using (var any = similar.Messages.GetEnumerator())
        {
            any.MoveNext();
            similar.Messages.Remove(any.Current);
        }
        return (candidate with { Message = CombinedPrefix + candidate.Message }, new EventKey(source, candidate.Type, candidate.Reason, null));
    }

    private Correlated Observe(Event candidate, EventKey key)
    {
        if (!_seen.TryGet(key, out var seen))
        {
            _seen.Set(key, new Seen(candidate.Metadata.Name ?? "", 1, candidate.FirstTimestamp));
            return new Correlated(candidate, key, IsCounted: false);
        }
        var count = seen.Count + 1;
        _seen.Set(key, seen with { Count = count });
        var counted = candidate with { Metadata = candidate.Metadata with { Name = seen.Name }, Count = count, FirstTimestamp = seen.First };
        return new Correlated(counted, key, IsCounted: true);
    }

    /// <summary>Whom an event is from and what it is about.</summary>
    internal sealed record SourceKey(
        string? Component, string? Host, string? Kind, string? Namespace, string? Name, string? Uid, string? ApiVersion, string? FieldPath);

    /// <summary>What makes two events the same one; without a message, similar ones.</summary>
    internal sealed record EventKey(SourceKey Source, string? Type, string? Reason, string? Message);

    /// <summary>An event to write.</summary>
    /// <param name="Event">The event.</param>
    /// <param name="Key">What it is the same as others by.</param>
    /// <param name="IsCounted">Whether one of its name is there already, to be counted up.</param>
    internal sealed record Correlated(Event Event, EventKey Key, bool IsCounted);

    private sealed record SimilarKey(SourceKey Source, string? Type, string? Reason);

    private sealed record Similar(HashSet<string> Messages, DateTimeOffset Last);

    private sealed record Seen(string Name, int Count, DateTimeOffset? First);
}
