using System.Runtime.ExceptionServices;

namespace Kybernet.Controllers;

/// <summary>
/// Does something many times at once, carefully: first once, then twice, then four times. The first failure ends it, so that what cannot succeed
/// (a quota, an admission rule) is tried once and not five hundred times.
/// </summary>
internal static class SlowStart
{
    /// <returns>How often it succeeded, and the first failure; null where there was none.</returns>
    public static async Task<(int Successes, ExceptionDispatchInfo? Failure)> RunAsync(int count, Func<Task> attempt)
    {
        var successes = 0;
        var remaining = count;
        for (var size = Math.Min(remaining, 1); size > 0; size = Math.Min(2 * size, remaining))
        {
            var batch = new Task[size];
            for (var i = 0; i < size; i++)
            {
                batch[i] = attempt();
            }
            await ((Task)Task.WhenAll(batch)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ExceptionDispatchInfo? failure = null;
            foreach (var task in batch)
            {
                if (task.IsCompletedSuccessfully)
                {
                    successes++;
                }
                else
                {
                    failure ??= ExceptionDispatchInfo.Capture(task.Exception?.InnerException ?? new OperationCanceledException());
                }
            }
            if (failure is not null)
            {
                return (successes, failure);
            }
            remaining -= size;
        }
        return (successes, null);
    }
}
