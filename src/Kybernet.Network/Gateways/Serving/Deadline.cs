namespace Kybernet.Network.Gateways.Serving;

/// <summary>A token that fires with another one, or after some time.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource? _timer;
    private readonly CancellationTokenSource? _either;

    /// <param name="after">The time; null for no end.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The other token.</param>
    public Deadline(TimeSpan? after, TimeProvider time, CancellationToken cancellationToken)
    {
        Token = cancellationToken;
        if (after is { } delay)
        {
            _timer = new CancellationTokenSource(delay, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _timer.Token);
            Token = _either.Token;
        }
    }

    public CancellationToken Token { get; }

    public void Dispose()
    {
        _either?.Dispose();
        _timer?.Dispose();
    }
}
