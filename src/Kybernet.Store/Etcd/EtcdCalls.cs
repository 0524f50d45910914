using Grpc.Core;

namespace Kybernet.Store.Etcd;

/// <summary>Carries out calls on whichever member answers. What may have been written is never sent a second time.</summary>
internal sealed class EtcdCalls(EtcdMembers members, EtcdStoreOptions options, CancellationToken closed)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads, from one member after another until one answers.</summary>
    /// <exception cref="StoreUnavailableException">None did in time.</exception>
    /// <exception cref="RpcException">etcd answered with an error that is about what was asked.</exception>
    public Task<T> ReadAsync<T>(Func<EtcdMember, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken) =>
        RunAsync(call, static exception => exception.IsTransient(), static (exception, member) => exception.ToUnavailable(member), cancellationToken);

    /// <summary>Changes something, once: another member is asked only where it is certain that the first did nothing.</summary>
    /// <exception cref="StoreUnavailableException">No member could be asked, or etcd refused: nothing was changed.</exception>
    /// <exception cref="UncertainWriteException">The change was sent, and there was no answer.</exception>
    /// <exception cref="RpcException">etcd answered with an error that is about what was asked.</exception>
    public Task<T> WriteAsync<T>(Func<EtcdMember, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken) =>
        RunAsync(
            call,
            static exception => exception.IsUnsent(),
            static (exception, member) => exception.IsUnsent() ? exception.ToUnavailable(member) : exception.ToUncertain(member),
            cancellationToken);

    /// <summary>The error for an answer that refuses what was asked, where the caller has none of its own for it.</summary>
    public StoreException Refusal(RpcException exception) => exception.ToUnavailable(members.Current);

    private async Task<T> RunAsync<T>(
        Func<EtcdMember, CallOptions, AsyncUnaryCall<T>> call,
        Func<RpcException, bool> mayRetry,
        Func<RpcException, EtcdMember, StoreException> failure,
        CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closed);
        var began = options.TimeProvider.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var member = members.Current;
            try
            {
                var deadline = options.TimeProvider.GetUtcNow().UtcDateTime + options.RequestTimeout;
                using var running = call(member, new CallOptions(EtcdMember.RequireLeader(), deadline, cancel.Token));
                return await running.ResponseAsync.ConfigureAwait(false);
            }
            catch (RpcException exception) when (!exception.IsRefusal())
            {
                cancellationToken.ThrowIfCancellationRequested();
                ThrowIfClosed();
                members.MoveOnFrom(member);
                if (!mayRetry(exception) || options.TimeProvider.GetElapsedTime(began) > options.FailoverTimeout)
                {
                    throw failure(exception, member);
                }
            }
            if (attempt % members.Count == 0)
            {
                await Task.Delay(RetryDelay, options.TimeProvider, cancel.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void ThrowIfClosed()
    {
        if (closed.IsCancellationRequested)
        {
            throw new StoreUnavailableException("the store is closed");
        }
    }
}
