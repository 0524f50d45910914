using System.Collections.Concurrent;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>Counts what has become of a priority level's requests, by flow schema.</summary>
internal sealed class LevelCounts
{
    private readonly ConcurrentDictionary<string, SchemaCounts> _schemas = new(StringComparer.Ordinal);

    /// <summary>The counts of every schema that has had a request.</summary>
    public IEnumerable<KeyValuePair<string, SchemaCounts>> Schemas => _schemas;

    /// <summary>The counts of a schema.</summary>
    public SchemaCounts Of(string schema) => _schemas.GetOrAdd(schema, static _ => new SchemaCounts());

    /// <summary>What the counts of all schemas come to.</summary>
    public long Sum(Func<SchemaCounts, long> count) => _schemas.Values.Sum(count);
}

/// <summary>Counts what has become of the requests of one flow schema at one priority level.</summary>
internal sealed class SchemaCounts
{
    private readonly long[] _refused = new long[Enum.GetValues<Refusal>().Length];
    private long _dispatched;
    private long _waitedMicroseconds;
    private long _executing;
    private long _waiting;

    /// <summary>Requests that went on.</summary>
    public long Dispatched => Interlocked.Read(ref _dispatched);

    /// <summary>Those of them that are not answered yet.</summary>
    public long Executing => Interlocked.Read(ref _executing);

    /// <summary>Requests that wait.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>How long those that went on have waited, together.</summary>
    public double WaitedSeconds => Interlocked.Read(ref _waitedMicroseconds) / 1e6;

    /// <summary>Requests that were turned away.</summary>
    public long Refused(Refusal reason) => Interlocked.Read(ref _refused[(int)reason]);

    public void BeginWaiting() => Interlocked.Increment(ref _waiting);

    public void EndWaiting() => Interlocked.Decrement(ref _waiting);

    public void Refuse(Refusal reason) => Interlocked.Increment(ref _refused[(int)reason]);

    public void Dispatch(TimeSpan waited)
    {
        Interlocked.Increment(ref _dispatched);
        Interlocked.Increment(ref _executing);
        Interlocked.Add(ref _waitedMicroseconds, (long)waited.TotalMicroseconds);
    }

    public void Complete() => Interlocked.Decrement(ref _executing);
}
