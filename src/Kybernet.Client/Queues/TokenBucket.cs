namespace Kybernet.Client;

/// <summary>A bucket that fills at a rate and from which each use takes one. Safe to share.</summary>
/// <param name="perSecond">How many are added a second.</param>
/// <param name="burst">How many it holds; it is full at first.</param>
/// <param name="time">What the rate goes by.</param>
public sealed class TokenBucket(double perSecond, int burst, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _tokens = burst;
    private long _last = time.GetTimestamp();

    /// <summary>Takes one if there is one.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            Fill();
            if (_tokens < 1)
            {
                return false;
            }
            _tokens--;
            return true;
        }
    }

    /// <summary>Takes one, whether it is there yet or not.</summary>
    /// <returns>How long until it is there.</returns>
    public TimeSpan Reserve()
    {
        lock (_gate)
        {
            Fill();
            _tokens--;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
        }
    }

    private void Fill()
    {
        _tokens = Math.Min(burst, _tokens + (time.GetElapsedTime(_last).TotalSeconds * perSecond));
        _last = time.GetTimestamp();
    }
}
