namespace Kybernet.Client;

/// <summary>
/// How long to wait before another try: twice as long each time up to a bound, and up to twice that again at random, so that those who failed
/// together do not come back together. Begins anew after a while without failures.
/// </summary>
public sealed class Backoff(TimeSpan initial, TimeSpan maximum, TimeSpan resetAfter, TimeProvider time)
{
    private TimeSpan _next;
    private long _last = time.GetTimestamp();

    /// <summary>Waits.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Next(), time, cancellationToken);

    /// <summary>How long to wait now; the next answer is longer.</summary>
    public TimeSpan Next()
    {
        if (_next == TimeSpan.Zero || time.GetElapsedTime(_last) > resetAfter)
        {
            _next = initial;
        }
        _last = time.GetTimestamp();
        var delay = _next * (1 + Random.Shared.NextDouble());
        _next = _next * 2 < maximum ? _next * 2 : maximum;
        return delay;
    }
}
