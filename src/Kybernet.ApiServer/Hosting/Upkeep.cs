using Kybernet.ApiServer.Storage;
using Kybernet.Store;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Hosting;

/// <summary>What the server does at intervals: tells watchers how far they are, and lets the store forget what is long past.</summary>
internal sealed partial class Upkeep(IStore store, StoreFollower follower, TimeProvider time, ILogger<Upkeep> logger)
{
    private static readonly TimeSpan BookmarkPeriod = TimeSpan.FromSeconds(30);

    /// <summary>As upstream: what is older than one to two of these is forgotten.</summary>
    private static readonly TimeSpan CompactionPeriod = TimeSpan.FromMinutes(5);

    /// <summary>Goes on until it is told to stop.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(SendBookmarksAsync(cancellationToken), CompactAsync(cancellationToken));

    private async Task SendBookmarksAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BookmarkPeriod, time);
        while (await TickAsync(timer, cancellationToken))
        {
            foreach (var (_, cache) in follower.Caches)
            {
                cache.SendBookmarks(() => follower.Revision);
            }
        }
    }

    private async Task CompactAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(CompactionPeriod, time);
        var compactor = new Compactor(store);
        while (await TickAsync(timer, cancellationToken))
        {
            try
            {
                await compactor.CompactAsync(cancellationToken);
            }
            catch (CompactedException)
            {
                // Somebody compacted the store by hand.
            }
            catch (StoreException exception)
            {
                LogNotCompacted(exception);
            }
        }
    }

    private static async ValueTask<bool> TickAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The store could not be compacted; it will be tried again")]
    private partial void LogNotCompacted(Exception exception);
}
