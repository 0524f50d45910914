using System.Runtime.CompilerServices;
using Grpc.Core;

namespace Kybernet.Store.Etcd;

/// <summary>
/// The store on etcd (v3), which several API servers can share. Its revisions are etcd's, its keys and values as they are: what
/// <c>etcdctl get /registry --prefix</c> shows is what the store holds.
/// </summary>
public sealed class EtcdStore : IStore
{
    /// <summary>How many keys of a large range are fetched at a time, so that neither side has to hold one huge message.</summary>
    private const int PageSize = 2000;

    private readonly CancellationTokenSource _closed = new();
    private readonly EtcdStoreOptions _options;
    private readonly EtcdMembers _members;
    private readonly EtcdCalls _calls;
    private readonly RevisionReads _revisions;

    /// <summary>Prepares to talk to etcd. No connection is made before there is something to ask.</summary>
    /// <exception cref="StoreUnavailableException">A certificate or key cannot be read.</exception>
    public EtcdStore(EtcdStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _members = new EtcdMembers(options);
        _calls = new EtcdCalls(_members, options, _closed.Token);
        _revisions = new RevisionReads(ReadRevisionAsync);
    }

    /// <inheritdoc/>
    public async ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken) =>
        await _revisions.GetAsync().WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<KeyValue?> GetAsync(string key, long revision, CancellationToken cancellationToken)
    {
        var response = await ReadAsync(new Rpc.RangeRequest { Key = KeyRange.Key(key), Revision = revision }, cancellationToken).ConfigureAwait(false);
        return response.Kvs is [var item, ..] ? item.ToKeyValue() : null;
    }

    /// <inheritdoc/>
    public async ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var items = new List<KeyValue>();
        var page = new Rpc.RangeRequest
        {
            Key = request.After is { } after ? KeyRange.Next(after) : KeyRange.Start(request.Prefix),
            RangeEnd = KeyRange.End(request.Prefix),
            Revision = request.Revision,
            CountOnly = request.CountOnly,
        };
        if (page.RangeEnd != KeyRange.Unbounded && page.Key.Span.SequenceCompareTo(page.RangeEnd.Span) >= 0)
        {
            // Past the prefix there is nothing, which etcd would call a wrong range.
            return new RangeResult(items, request.Revision > 0 ? request.Revision : await GetRevisionAsync(cancellationToken).ConfigureAwait(false), 0);
        }
        long count = 0;
        while (true)
        {
            page.Limit = request.Limit > 0 ? Math.Min(request.Limit - items.Count, PageSize) : PageSize;
            var response = await ReadAsync(page, cancellationToken).ConfigureAwait(false);
            if (page.Revision == 0)
            {
                page.Revision = response.Header.Revision;
            }
            count = items.Count + response.Count;
            foreach (var item in response.Kvs)
            {
                items.Add(item.ToKeyValue());
            }
            if (request.CountOnly || items.Count == count || items.Count == request.Limit)
            {
                return new RangeResult(items, page.Revision, count);
            }
            page.Key = KeyRange.Next(items[^1].Key);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="UncertainWriteException">The write was sent and no answer came.</exception>
    public async ValueTask<WriteResult> WriteAsync(Write write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        var transaction = WriteTransaction.Of(write);
        try
        {
            var response = await _calls.WriteAsync((member, call) => member.KeyValues.TxnAsync(transaction, call), cancellationToken).ConfigureAwait(false);
            return WriteTransaction.Result(write, response);
        }
        catch (RpcException exception)
        {
            throw exception.IsNoLease() ? new LeaseNotFoundException(write.Lease) : _calls.Refusal(exception);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<EventBatch> WatchAsync(string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        using var watch = new EtcdWatch(_members, prefix, afterRevision, _closed.Token);
        while (true)
        {
            EventBatch batch;
            try
            {
                batch = await watch.NextAsync(cancel.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new StoreUnavailableException("the store is closed");
            }
            yield return batch;
        }
    }

    /// <inheritdoc/>
    public async Task CompactAsync(long revision, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.WriteAsync(
                (member, call) => member.KeyValues.CompactAsync(new Rpc.CompactionRequest { Revision = revision }, call), cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException exception)
        {
            throw await FailureAsync(exception, revision, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var request = new Rpc.LeaseGrantRequest { TTL = (long)Math.Ceiling(timeToLive.TotalSeconds) };
        try
        {
            return (await _calls.WriteAsync((member, call) => member.Leases.LeaseGrantAsync(request, call), cancellationToken).ConfigureAwait(false)).ID;
        }
        catch (RpcException exception)
        {
            throw _calls.Refusal(exception);
        }
    }

    /// <inheritdoc/>
    public Task<bool> KeepLeaseAliveAsync(long lease, CancellationToken cancellationToken) =>
        new EtcdLeaseRenewal(_members, _options).RenewAsync(lease, cancellationToken);

    /// <inheritdoc/>
    public async Task RevokeLeaseAsync(long lease, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.WriteAsync(
                (member, call) => member.Leases.LeaseRevokeAsync(new Rpc.LeaseRevokeRequest { ID = lease }, call), cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException exception) when (exception.IsNoLease())
        {
            // Gone already, as it is to be.
        }
        catch (RpcException exception)
        {
            throw _calls.Refusal(exception);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The copy is one member's, as <c>etcdctl snapshot save</c> makes it, and <c>etcdctl snapshot restore</c> takes it.</remarks>
    public async Task SnapshotAsync(Stream destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var member = _members.Current;
        try
        {
            using var call = member.Maintenance.Snapshot(new Rpc.SnapshotRequest(), cancellationToken: cancellationToken);
            while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                await destination.WriteAsync(call.ResponseStream.Current.Blob.Memory, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _members.MoveOnFrom(member);
            throw exception.ToUnavailable(member);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync().ConfigureAwait(false);
        _members.Dispose();
    }

    /// <summary>Every answer names the newest revision; the smallest question is about a key that nobody has.</summary>
    private async Task<long> ReadRevisionAsync()
    {
        // Shared by all who wait for it, none of whom may cancel it; closing the store does.
        var response = await ReadAsync(new Rpc.RangeRequest { Key = KeyRange.Unbounded, CountOnly = true }, CancellationToken.None).ConfigureAwait(false);
        return response.Header.Revision;
    }

    private async Task<Rpc.RangeResponse> ReadAsync(Rpc.RangeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await _calls.ReadAsync((member, call) => member.KeyValues.RangeAsync(request, call), cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException exception)
        {
            throw await FailureAsync(exception, request.Revision, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The error for a revision that is not there (any more, or yet). etcd does not say which is; that takes a question more.</summary>
    private async Task<StoreException> FailureAsync(RpcException exception, long revision, CancellationToken cancellationToken)
    {
        if (exception.IsFuture())
        {
            return new FutureRevisionException(revision, await GetRevisionAsync(cancellationToken).ConfigureAwait(false));
        }
        if (!exception.IsCompacted())
        {
            return _calls.Refusal(exception);
        }
        try
        {
            // A watch from the very beginning is refused with the revision that can still be read.
            await foreach (var _ in WatchAsync("", 1, cancellationToken).ConfigureAwait(false))
            {
                break;
            }
        }
        catch (CompactedException compacted)
        {
            return new CompactedException(revision, compacted.CompactedRevision);
        }
        return new CompactedException(revision, revision + 1);
    }
}
