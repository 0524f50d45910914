using Grpc.Core;

namespace Kybernet.Store.Etcd;

/// <summary>Renews leases, one question and one answer at a time over what etcd made a stream.</summary>
internal sealed class EtcdLeaseRenewal(EtcdMembers members, EtcdStoreOptions options)
{
    /// <summary>Renews a lease to its full time.</summary>
    /// <returns>Whether it still existed.</returns>
    /// <exception cref="StoreUnavailableException">No member answered. The lease may have been renewed, which harms nobody.</exception>
    public async Task<bool> RenewAsync(long lease, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var member = members.Current;
            try
            {
                return await AskAsync(member, lease, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                members.MoveOnFrom(member);
                if (attempt >= members.Count)
                {
                    throw exception.ToUnavailable(member);
                }
            }
        }
    }

    private async Task<bool> AskAsync(EtcdMember member, long lease, CancellationToken cancellationToken)
    {
        var deadline = options.TimeProvider.GetUtcNow().UtcDateTime + options.RequestTimeout;
        using var call = member.Leases.LeaseKeepAlive(EtcdMember.RequireLeader(), deadline, cancellationToken);
        await call.RequestStream.WriteAsync(new Rpc.LeaseKeepAliveRequest { ID = lease }, cancellationToken).ConfigureAwait(false);
        // A lease that is gone is answered with no time to live.
        return await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false)
            ? call.ResponseStream.Current.TTL > 0
            : throw new RpcException(new Status(StatusCode.Unavailable, "no answer"));
    }
}
