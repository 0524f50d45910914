namespace Kybernet.Store.Sqlite.Commit;

/// <summary>A conditional write of one key.</summary>
internal sealed class WriteRequest(Write write, CancellationToken cancellationToken) : Request<WriteResult>
{
    public override void Execute(Batch batch)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            Refuse(new OperationCanceledException(cancellationToken));
            return;
        }
        var found = batch.Find(write.Key);
        if (write.ExpectedModRevision is { } expected && expected != (found?.ModRevision ?? 0))
        {
            Answer(new WriteResult(false, batch.Revision, found is { } other ? batch.Load(write.Key, other) : null));
        }
        else if (write.Value is not { } value)
        {
            var revision = found is { } gone ? batch.Delete(write.Key, gone).Revision : batch.Revision;
            Answer(new WriteResult(true, revision, null));
        }
        else if (write.Lease != 0 && !batch.LeaseExists(write.Lease))
        {
            Refuse(new LeaseNotFoundException(write.Lease));
        }
        else
        {
            var made = batch.Put(write.Key, found, value, write.Lease);
            Answer(new WriteResult(true, made.Revision, made.Current));
        }
    }
}
