using System.Threading.Channels;
using Kybernet.Api;
using Microsoft.Extensions.Logging;

namespace Kybernet.Client;

/// <summary>Runs a reconciler for the keys of a queue: owns its workers, its retries and back-off, and what is logged about them.</summary>
/// <param name="name">What the controller is called in logs and metrics.</param>
/// <param name="reconciler">Does the work.</param>
/// <param name="queue">Where the keys come from; whoever watches for changes adds to it.</param>
/// <param name="workers">How many keys are worked on at once.</param>
/// <param name="logger">Where failures go.</param>
public sealed partial class Controller(string name, IReconciler reconciler, WorkQueue<NamespacedName> queue, int workers, ILogger logger)
{
    private long _reconciled;
    private long _failed;

    /// <summary>What the controller is called.</summary>
    public string Name => name;

    /// <summary>The queue.</summary>
    public WorkQueue<NamespacedName> Queue => queue;

    /// <summary>How often the reconciler has run.</summary>
    public long Reconciled => Interlocked.Read(ref _reconciled);

    /// <summary>How often it failed.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Works until cancelled, or until the queue is shut down and empty.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        LogStarted(name, workers);
        var loops = new Task[workers];
        for (var i = 0; i < workers; i++)
        {
            loops[i] = Task.Run(() => WorkAsync(cancellationToken), CancellationToken.None); // the loop itself ends by the token
        }
        await Task.WhenAll(loops);
        LogStopped(name);
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var key = await queue.TakeAsync(cancellationToken);
                try
                {
                    await ReconcileAsync(key, cancellationToken);
                }
                finally
                {
                    queue.Done(key);
                }
            }
        }
        catch (Exception exception) when (exception is ChannelClosedException || (exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            // asked to end
        }
    }

    private async Task ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reconciled);
        try
        {
            var requeue = await reconciler.ReconcileAsync(key, cancellationToken);
            queue.Forget(key);
            if (requeue.Delay is { } delay)
            {
                queue.AddAfter(key, delay);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever a reconciler throws, it is run again, and the other keys go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _failed);
            LogFailure(key, exception);
            queue.AddRateLimited(key);
        }
    }

    private void LogFailure(NamespacedName key, Exception exception)
    {
        switch (exception)
        {
            case ApiException { IsConflict: true }:
                LogConflict(name, key, exception.Message); // the cache was behind: the next try sees the newer object
                break;
            case ApiException or ApiUnavailableException:
                LogRefused(name, key, exception.Message, queue.Failures(key)); // where it was thrown tells nobody anything
                break;
            default:
                LogFailed(exception, name, key, queue.Failures(key));
                break;
        }
    }

    [LoggerMessage(LogLevel.Debug, "Controller {Controller} started with {Workers} workers")]
    private partial void LogStarted(string controller, int workers);

    [LoggerMessage(LogLevel.Debug, "Controller {Controller} stopped")]
    private partial void LogStopped(string controller);

    [LoggerMessage(LogLevel.Debug, "{Controller}: {Key} had changed in between: {Reason}")]
    private partial void LogConflict(string controller, NamespacedName key, string reason);

    [LoggerMessage(LogLevel.Warning, "{Controller}: {Key} failed after {Failures} failures before; trying again: {Reason}")]
    private partial void LogRefused(string controller, NamespacedName key, string reason, int failures);

    [LoggerMessage(LogLevel.Warning, "{Controller}: {Key} failed after {Failures} failures before; trying again")]
    private partial void LogFailed(Exception exception, string controller, NamespacedName key, int failures);
}
