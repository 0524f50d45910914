namespace Kybernet.Client;

/// <summary>Says how long a key that failed waits before its next try. Safe to share.</summary>
public interface IRateLimiter<in TKey>
{
    /// <summary>How long the key waits after this failure.</summary>
    TimeSpan When(TKey key);

    /// <summary>The key succeeded: its failures are forgotten.</summary>
    void Forget(TKey key);

    /// <summary>How often the key has failed since it last succeeded.</summary>
    int Failures(TKey key);
}

/// <summary>The rate limiters that controllers use.</summary>
public static class RateLimiters
{
    /// <summary>What client-go's controllers have: 5 ms to 1000 s per key, and 10 a second over all with bursts of 100; the longer of the two.</summary>
    public static IRateLimiter<TKey> Default<TKey>(TimeProvider time)
        where TKey : notnull => new LongestRateLimiter<TKey>(
            new ExponentialRateLimiter<TKey>(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000)),
            new BucketRateLimiter<TKey>(10, 100, time));
}

/// <summary>Twice as long after each failure of a key.</summary>
/// <param name="baseDelay">After the first failure.</param>
/// <param name="maxDelay">At most.</param>
public sealed class ExponentialRateLimiter<TKey>(TimeSpan baseDelay, TimeSpan maxDelay) : IRateLimiter<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public TimeSpan When(TKey key)
    {
        lock (_gate)
        {
            _failures.TryGetValue(key, out var failures);
            _failures[key] = failures + 1;
            var milliseconds = baseDelay.TotalMilliseconds * Math.Pow(2, failures);
            return milliseconds < maxDelay.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : maxDelay;
        }
    }

    /// <inheritdoc/>
    public void Forget(TKey key)
    {
        lock (_gate)
        {
            _failures.Remove(key);
        }
    }

    /// <inheritdoc/>
    public int Failures(TKey key)
    {
        lock (_gate)
        {
            return _failures.GetValueOrDefault(key);
        }
    }
}

/// <summary>So many failures a second over all keys, with bursts; later ones wait for their turn.</summary>
public sealed class BucketRateLimiter<TKey>(double perSecond, int burst, TimeProvider time) : IRateLimiter<TKey>
{
    private readonly TokenBucket _bucket = new(perSecond, burst, time);

    /// <inheritdoc/>
    public TimeSpan When(TKey key) => _bucket.Reserve();

    /// <inheritdoc/>
    public void Forget(TKey key)
    {
    }

    /// <inheritdoc/>
    public int Failures(TKey key) => 0;
}

/// <summary>The longest of what several limiters say.</summary>
public sealed class LongestRateLimiter<TKey>(params IRateLimiter<TKey>[] limiters) : IRateLimiter<TKey>
{
    /// <inheritdoc/>
    public TimeSpan When(TKey key)
    {
        var longest = TimeSpan.Zero;
        foreach (var limiter in limiters)
        {
            var delay = limiter.When(key);
            longest = delay > longest ? delay : longest;
        }
        return longest;
    }

    /// <inheritdoc/>
    public void Forget(TKey key)
    {
        foreach (var limiter in limiters)
        {
            limiter.Forget(key);
        }
    }

    /// <inheritdoc/>
    public int Failures(TKey key)
    {
        var most = 0;
        foreach (var limiter in limiters)
        {
            most = Math.Max(most, limiter.Failures(key));
        }
        return most;
    }
}
