using System.Threading.Channels;

namespace Kybernet.Kubelet;

/// <summary>Wakes a loop: something to do is something to do, however often it is said, and what is said while the loop works is not lost.</summary>
internal sealed class WakeSignal
{
    private readonly Channel<bool> _said = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Says that there is something to do.</summary>
    public void Wake() => _said.Writer.TryWrite(true);

    /// <summary>Waits until there is something to do, or a time has passed.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _said.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the time is over
        }
    }
}
