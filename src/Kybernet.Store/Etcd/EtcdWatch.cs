using Grpc.Core;

namespace Kybernet.Store.Etcd;

/// <summary>
/// One watch, over as many connections as it takes. etcd is asked for the events of every key, of which those with the prefix are handed on:
/// each revision has an event then, so that the watcher always knows how far it is. (etcd's own progress notifications cannot be relied on for
/// that: before 3.4.25 and 3.5.8 they could overtake events.)
/// </summary>
internal sealed class EtcdWatch(EtcdMembers members, string prefix, long after, CancellationToken closed) : IDisposable
{
    private long _reached = after;
    private int _failures;
    private EtcdMember? _member;
    private AsyncDuplexStreamingCall<Rpc.WatchRequest, Rpc.WatchResponse>? _call;

    /// <summary>The next batch.</summary>
    /// <exception cref="CompactedException">Events that come next were compacted away.</exception>
    /// <exception cref="StoreUnavailableException">No member lets itself be watched.</exception>
    public async ValueTask<EventBatch> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var response = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
                _failures = 0;
                if (BatchOf(response) is { } batch)
                {
                    return batch;
                }
            }
            catch (RpcException exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (closed.IsCancellationRequested)
                {
                    throw new StoreUnavailableException("the store is closed", exception);
                }
                GiveUpOn(exception);
            }
        }
    }

    public void Dispose() => _call?.Dispose();

    private async Task<Rpc.WatchResponse> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_call is null)
        {
            _member = members.Current;
            _call = _member.Watches.Watch(EtcdMember.RequireLeader(), cancellationToken: cancellationToken);
            await _call.RequestStream.WriteAsync(new Rpc.WatchRequest { CreateRequest = Request() }, cancellationToken).ConfigureAwait(false);
        }
        return await _call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false)
            ? _call.ResponseStream.Current
            : throw new RpcException(new Status(StatusCode.Unavailable, "the watch was ended"));
    }

    /// <summary>
    /// Begins with the event that is known already, rather than the one after it: etcd then refuses the watch if that one was compacted away,
    /// and so one whose next event might have been, too.
    /// </summary>
    private Rpc.WatchCreateRequest Request() => new()
    {
        Key = KeyRange.Unbounded,
        RangeEnd = KeyRange.Unbounded,
        StartRevision = Math.Max(1, _reached),
        PrevKv = true,
    };

    private EventBatch? BatchOf(Rpc.WatchResponse response)
    {
        if (response.CompactRevision > 0)
        {
            throw new CompactedException(_reached, response.CompactRevision);
        }
        if (response.Canceled)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, response.CancelReason));
        }
        var events = new List<StoreEvent>(response.Events.Count);
        var reached = _reached;
        foreach (var change in response.Events)
        {
            if (change.Kv.ModRevision <= _reached)
            {
                continue;
            }
            reached = change.Kv.ModRevision;
            var key = change.Kv.Key.ToStringUtf8();
            if (key.StartsWith(prefix, StringComparison.Ordinal))
            {
                events.Add(Event(key, change));
            }
        }
        if (reached == _reached)
        {
            return null;
        }
        _reached = reached;
        return new EventBatch(events, reached);
    }

    private static StoreEvent Event(string key, Rpc.Event change)
    {
        var isDeletion = change.Type == Rpc.Event.Types.EventType.Delete;
        if (change.PrevKv is null && (isDeletion || change.Kv.Version > 1))
        {
            // etcd leaves out what was there before when a compaction came first. Whoever has to know can only read everything anew.
            throw new CompactedException(change.Kv.ModRevision - 1, change.Kv.ModRevision);
        }
        return new StoreEvent(
            key, isDeletion ? null : change.Kv.ToKeyValue(), change.PrevKv?.ToKeyValue(), change.Kv.ModRevision);
    }

    /// <summary>Goes on with the next member, unless none of them has answered.</summary>
    private void GiveUpOn(RpcException exception)
    {
        var member = _member!;
        _call?.Dispose();
        _call = null;
        members.MoveOnFrom(member);
        if (++_failures > members.Count)
        {
            throw exception.ToUnavailable(member);
        }
    }
}
