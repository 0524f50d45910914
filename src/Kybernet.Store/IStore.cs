namespace Kybernet.Store;

/// <summary>
/// Revisioned, watchable key-value storage: etcd's model and no more.
/// One 64-bit revision counts the writes of the whole store; every write names the revision that it made.
/// Keys are compared byte by byte (ordinally); values are opaque bytes that nobody changes once they are handed over.
/// </summary>
/// <remarks>
/// Guarantees, which <c>StoreContract</c> holds every implementation to:
/// a write is acknowledged only once it is durable; a read without a revision sees every write acknowledged before it began;
/// a watch delivers each event once, in order of revision, with no gap.
/// </remarks>
public interface IStore : IAsyncDisposable
{
    /// <summary>The newest revision that is durable. A store that is empty and new is at revision 1, as etcd is.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken);

    /// <summary>Reads one key, at <paramref name="revision"/> or, where that is 0, at the newest one.</summary>
    /// <returns>The key's value, or null where it does not exist at that revision.</returns>
    /// <exception cref="CompactedException">The revision was compacted away.</exception>
    /// <exception cref="FutureRevisionException">The store has not reached the revision yet.</exception>
    ValueTask<KeyValue?> GetAsync(string key, long revision, CancellationToken cancellationToken);

    /// <summary>Reads the keys that start with a prefix, in key order.</summary>
    /// <exception cref="CompactedException">The revision was compacted away.</exception>
    /// <exception cref="FutureRevisionException">The store has not reached the revision yet.</exception>
    ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Writes or deletes one key if it is still at the revision that the writer saw, and answers once the write is durable.
    /// A precondition that does not hold is an answer, not an exception: <see cref="WriteResult.Current"/> is what is there instead.
    /// Deleting a key that does not exist succeeds only with an expected revision of 0 or none; it then makes no revision.
    /// </summary>
    /// <exception cref="OperationCanceledException">
    /// The token fired first. <c>SqliteStore</c> then wrote nothing; behind a network it is not known whether the write happened.
    /// </exception>
    /// <exception cref="LeaseNotFoundException">The write names a lease that does not exist; nothing was changed.</exception>
    /// <exception cref="StoreUnavailableException">The write did not reach the disk (it is full, or failing); nothing was changed.</exception>
    ValueTask<WriteResult> WriteAsync(Write write, CancellationToken cancellationToken);

    /// <summary>
    /// Watches the keys that start with a prefix, beginning with the first event after <paramref name="afterRevision"/>.
    /// Events come in batches, in order of revision; the events of one revision are never split over two batches. A batch may be empty: it
    /// then says only that the store has reached <see cref="EventBatch.Revision"/> and that the prefix has no event up to there that was
    /// not delivered. Every watcher hears of every revision that way, promptly while the store is quiet and a few times a second at least
    /// while it is busy with other keys. A watcher that reads slowly costs the store no memory.
    /// </summary>
    /// <param name="prefix">Keys that start with this; empty for all.</param>
    /// <param name="afterRevision">The last revision that the watcher knows; one that is still to come is waited for.</param>
    /// <param name="cancellationToken">Ends the watch with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="CompactedException">Events after that revision were compacted away.</exception>
    /// <exception cref="StoreUnavailableException">The store was closed, or cannot be read.</exception>
    IAsyncEnumerable<EventBatch> WatchAsync(string prefix, long afterRevision, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets what is older than a revision: values superseded by then, and deletions. Reads before it, and watches that begin after an
    /// earlier revision, then fail; reads at it, and watches after it, do not.
    /// </summary>
    /// <exception cref="CompactedException">That revision is compacted already.</exception>
    /// <exception cref="FutureRevisionException">The store has not reached the revision yet.</exception>
    Task CompactAsync(long revision, CancellationToken cancellationToken);

    /// <summary>Grants a lease: keys written with its id are deleted when it has not been kept alive for its time to live.</summary>
    /// <returns>The lease's id, never 0. A restart of the store gives every lease its full time again.</returns>
    Task<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>Renews a lease to its full time to live.</summary>
    /// <returns>Whether the lease still existed.</returns>
    Task<bool> KeepLeaseAliveAsync(long lease, CancellationToken cancellationToken);

    /// <summary>Ends a lease and deletes its keys at once; each deletion is an event like any other. A lease that is gone already is no error.</summary>
    Task RevokeLeaseAsync(long lease, CancellationToken cancellationToken);

    /// <summary>Writes a consistent copy of the whole store, from which a new one can be opened.</summary>
    Task SnapshotAsync(Stream destination, CancellationToken cancellationToken);
}
