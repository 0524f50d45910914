namespace Kybernet.Store;

/// <summary>A key's value at one revision.</summary>
/// <param name="Key">The whole key.</param>
/// <param name="Value">The bytes as they were written; shared, never changed.</param>
/// <param name="CreateRevision">The revision that made the key (again, if it had been deleted).</param>
/// <param name="ModRevision">The revision of this value.</param>
/// <param name="Version">How many writes since it was made; 1 for the first.</param>
/// <param name="Lease">The lease that it dies with; 0 for none.</param>
public sealed record KeyValue(string Key, ReadOnlyMemory<byte> Value, long CreateRevision, long ModRevision, long Version, long Lease);

/// <summary>What to read of a range.</summary>
/// <param name="Prefix">Keys that start with this; empty for all.</param>
public sealed record RangeRequest(string Prefix)
{
    /// <summary>Begin after this key (which has the prefix), to continue a list; null to begin with the first.</summary>
    public string? After { get; init; }

    /// <summary>How many at the most; 0 for all.</summary>
    public int Limit { get; init; }

    /// <summary>The revision to read at; 0 for the newest.</summary>
    public long Revision { get; init; }

    /// <summary>Whether only the count is wanted.</summary>
    public bool CountOnly { get; init; }
}

/// <summary>What a range held.</summary>
/// <param name="Items">In key order, at most as many as were asked for; empty for a count.</param>
/// <param name="Revision">The store's revision that this is true at.</param>
/// <param name="Count">How many keys the range has from where the reading began, those past the limit included.</param>
public sealed record RangeResult(IReadOnlyList<KeyValue> Items, long Revision, long Count)
{
    /// <summary>Whether the limit cut the list.</summary>
    public bool More => Items.Count < Count;
}

/// <summary>One conditional write.</summary>
/// <param name="Key">The key to write.</param>
/// <param name="Value">
/// The new value; null deletes the key. Mind the compiler: a <c>byte[]</c> variable that is null, and <c>x ? null : bytes</c>, convert to an
/// empty value, not to null; write <c>default(ReadOnlyMemory&lt;byte&gt;?)</c> there.
/// </param>
/// <param name="ExpectedModRevision">The revision that the key must be at; 0 where it must not exist; null to write whatever is there.</param>
/// <param name="Lease">The lease to bind the key to; 0 for none.</param>
public sealed record Write(string Key, ReadOnlyMemory<byte>? Value, long? ExpectedModRevision, long Lease = 0);

/// <summary>The answer to a <see cref="Write"/>.</summary>
/// <param name="Succeeded">Whether the precondition held and the write is durable.</param>
/// <param name="Revision">The revision that the write made; where it did not succeed, the store's revision that <paramref name="Current"/> was read at.</param>
/// <param name="Current">What is at the key now; null where it does not exist (any more).</param>
public readonly record struct WriteResult(bool Succeeded, long Revision, KeyValue? Current);

/// <summary>One change of one key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Current">The new value; null where the key was deleted.</param>
/// <param name="Previous">What was there before; null where the key was made.</param>
/// <param name="Revision">The revision of the change.</param>
public sealed record StoreEvent(string Key, KeyValue? Current, KeyValue? Previous, long Revision);

/// <summary>The events of one or more whole commits.</summary>
/// <param name="Events">In order of revision; empty where the batch only reports progress.</param>
/// <param name="Revision">The revision that the watcher is up to date with.</param>
public sealed record EventBatch(IReadOnlyList<StoreEvent> Events, long Revision);
