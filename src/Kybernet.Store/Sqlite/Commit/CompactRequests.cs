using Kybernet.Store.Index;
using Microsoft.Extensions.Logging;

namespace Kybernet.Store.Sqlite.Commit;

/// <summary>Makes it durable that a revision was compacted to. The rows go afterwards, a few at a time (<see cref="PurgeRequest"/>).</summary>
internal sealed class CompactRequest(long revision, KeyIndex index, Action<List<long>> purge) : Request<bool>
{
    public override void Execute(Batch batch)
    {
        if (revision <= batch.Compacted)
        {
            Refuse(new CompactedException(revision, batch.Compacted));
        }
        else if (revision > index.Revision)
        {
            Refuse(new FutureRevisionException(revision, index.Revision));
        }
        else
        {
            batch.SetCompacted(revision);
            batch.OnCommitted(() => purge(index.Compact(revision)));
            Answer(true);
        }
    }
}

/// <summary>Deletes rows that nobody can reach, in pieces small enough that writes beside them do not wait long.</summary>
internal sealed partial class PurgeRequest(List<long> revisions, int from, Action<Request> submit, ILogger logger) : Request
{
    private const int RowsAtOnce = 200;

    public override void Execute(Batch batch)
    {
        for (var i = from; i < Math.Min(from + RowsAtOnce, revisions.Count); i++)
        {
            batch.Purge(revisions[i]);
        }
    }

    public override void Complete()
    {
        if (from + RowsAtOnce < revisions.Count)
        {
            submit(new PurgeRequest(revisions, from + RowsAtOnce, submit, logger));
        }
        else
        {
            submit(new ShrinkRequest(submit, logger));
        }
    }

    // What stays is out of reach already, and goes when the store is opened again.
    public override void Fail(StoreUnavailableException failure) => LogFailed(logger, failure, revisions.Count - from);

    [LoggerMessage(LogLevel.Warning, "{Rows} rows that were compacted away could not be deleted; they go when the store is opened again")]
    private static partial void LogFailed(ILogger logger, Exception exception, int rows);
}

/// <summary>
/// Gives pages back to the file system that nothing is on any more, in pieces like <see cref="PurgeRequest"/>: the file follows its live data. Some stay,
/// for what is written next.
/// </summary>
internal sealed partial class ShrinkRequest(Action<Request> submit, ILogger logger) : Request
{
    private const int PagesAtOnce = 200;
    private bool _hasMore;

    public override void Execute(Batch batch) => _hasMore = batch.Shrink(PagesAtOnce);

    public override void Complete()
    {
        if (_hasMore)
        {
            submit(new ShrinkRequest(submit, logger));
        }
    }

    public override void Fail(StoreUnavailableException failure) => LogFailed(logger, failure);

    [LoggerMessage(LogLevel.Warning, "Free pages of the store's file could not be given back; it is tried again after the next compaction")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
