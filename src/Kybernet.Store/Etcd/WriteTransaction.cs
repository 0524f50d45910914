using Google.Protobuf;

namespace Kybernet.Store.Etcd;

/// <summary>A write as one transaction of etcd: the precondition, what to do if it holds, and what to read if it does not.</summary>
internal static class WriteTransaction
{
    public static Rpc.TxnRequest Of(Write write)
    {
        var key = KeyRange.Key(write.Key);
        var transaction = new Rpc.TxnRequest();
        if (write.ExpectedModRevision is { } expected)
        {
            transaction.Compare.Add(new Rpc.Compare { Target = Rpc.Compare.Types.CompareTarget.Mod, Key = key, ModRevision = expected });
            transaction.Failure.Add(new Rpc.RequestOp { RequestRange = new Rpc.RangeRequest { Key = key } });
        }
        if (write.Value is { } value)
        {
            transaction.Success.Add(new Rpc.RequestOp
            {
                RequestPut = new Rpc.PutRequest { Key = key, Value = UnsafeByteOperations.UnsafeWrap(value), Lease = write.Lease },
            });
            // The numbers that the key has now; the value is known.
            transaction.Success.Add(new Rpc.RequestOp { RequestRange = new Rpc.RangeRequest { Key = key, KeysOnly = true } });
        }
        else
        {
            transaction.Success.Add(new Rpc.RequestOp { RequestDeleteRange = new Rpc.DeleteRangeRequest { Key = key } });
        }
        return transaction;
    }

    public static WriteResult Result(Write write, Rpc.TxnResponse response)
    {
        var read = response.Responses.Count > 0 ? response.Responses[^1].ResponseRange : null;
        var current = read is { Kvs: [var item, ..] } ? item.ToKeyValue() : null;
        if (response.Succeeded && current is not null && write.Value is { } value)
        {
            current = current with { Value = value };
        }
        // A deletion that asks for a key that is not there to be there is refused as any other; one that finds nothing made no revision.
        return new WriteResult(response.Succeeded, response.Header.Revision, current);
    }
}
