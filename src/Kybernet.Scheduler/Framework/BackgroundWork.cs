using Microsoft.Extensions.Logging;

namespace Kybernet.Scheduler.Framework;

/// <summary>
/// Owns what runs beside the scheduling loop: bindings, status writes, evictions. Whoever starts work need not wait for it; whoever owns this does.
/// </summary>
internal sealed partial class BackgroundWork(ILogger logger, CancellationToken stopping)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _idle;
    private int _running;

    /// <summary>Starts work on the thread pool. What it throws is logged.</summary>
    public void Start(Func<CancellationToken, Task> work)
    {
        lock (_lock)
        {
            _running++;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static item => item.Self.Begin(item.Work), (Self: this, Work: work), preferLocal: false);
    }

    /// <summary>Completes when nothing runs any more.</summary>
    public Task WhenIdleAsync()
    {
        lock (_lock)
        {
            return _running == 0 ? Task.CompletedTask : (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    // async void is safe here: nothing can escape the try, and the count tells when it is over.
    private async void Begin(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The scheduler stops: what was not written is found undone by whoever schedules next.
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
        lock (_lock)
        {
            if (--_running == 0)
            {
                _idle?.TrySetResult();
                _idle = null;
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Work beside the scheduling loop failed")]
    private partial void LogFailed(Exception exception);
}
