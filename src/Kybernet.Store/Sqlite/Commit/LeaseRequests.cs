using Kybernet.Store.Leases;

namespace Kybernet.Store.Sqlite.Commit;

/// <summary>Makes a lease durable.</summary>
internal sealed class GrantLeaseRequest(long lease, TimeSpan timeToLive) : Request<long>
{
    public override void Execute(Batch batch)
    {
        batch.GrantLease(lease, timeToLive);
        Answer(lease);
    }
}

/// <summary>Ends a lease because its holder said so.</summary>
internal sealed class RevokeLeaseRequest(long lease) : Request<bool>
{
    public override void Execute(Batch batch)
    {
        var exists = batch.LeaseExists(lease);
        if (exists)
        {
            batch.RevokeLease(lease);
        }
        Answer(exists);
    }
}

/// <summary>Ends a lease because its time is over, unless it was renewed before the writer came to it.</summary>
internal sealed class ExpireLeaseRequest(long lease, LeaseTable leases) : Request
{
    public override void Execute(Batch batch)
    {
        if (batch.LeaseExists(lease) && leases.TryBeginExpiry(lease))
        {
            batch.RevokeLease(lease);
        }
    }

    public override void Complete()
    {
    }

    public override void Fail(StoreUnavailableException failure) => leases.RetryExpiry(lease, failure);
}
