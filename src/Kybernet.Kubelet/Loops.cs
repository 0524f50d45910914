namespace Kybernet.Kubelet;

/// <summary>Runs loops that are of no use without one another.</summary>
internal static class Loops
{
    /// <summary>Runs them until cancelled. When one ends the others are ended too, and whoever waits learns why.</summary>
    public static async Task RunAllAsync(IReadOnlyList<Func<CancellationToken, Task>> loops, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = loops.Select(loop => loop(ending.Token)).ToArray();
        var first = await Task.WhenAny(running);
        await ending.CancelAsync();
        try
        {
            await Task.WhenAll(running);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // asked to end
        }
        catch (OperationCanceledException)
        {
            await first;
        }
    }
}
