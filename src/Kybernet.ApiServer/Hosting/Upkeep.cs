using Kybernet.ApiServer.Admission.Services;
using Kybernet.ApiServer.Storage;
using Kybernet.Store;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Hosting;

/// <summary>What the server does at intervals: tells watchers how far they are, lets the store forget what is long past, and puts right
/// which node ports are taken.</summary>
internal sealed partial class Upkeep(IStore store, StoreFollower follower, PortRepair ports, TimeProvider time, ILogger<Upkeep> logger)
{
    private static readonly TimeSpan BookmarkPeriod = TimeSpan.FromSeconds(30);

    /// <summary>As upstream: what is older than one to two of these is forgotten.</summary>
    private static readonly TimeSpan CompactionPeriod = TimeSpan.FromMinutes(5);

    /// <summary>Goes on until it is told to stop.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => 
        Task.WhenAll(SendBookmarksAsync(cancellationToken), CompactAsync(cancellationToken), RepairPortsAsync(cancellationToken));

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

    private async Task RepairPortsAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(PortRepair.Period, time);
        do
        {
            try
            {
                await ports.RepairAsync(cancellationToken);
            }
            catch (StoreException exception)
            {
                LogNotRepaired(exception);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
        while (await TickAsync(timer, cancellationToken));
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

    [LoggerMessage(LogLevel.Warning, "The reserved node ports could not be compared with the Services; it will be tried again")]
    private partial void LogNotRepaired(Exception exception);
}
