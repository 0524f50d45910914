namespace Kybernet.ApiServer.FlowControl;

/// <summary>How many seats a level would have used over a while: its mean over time, how much that varied, and its peak.</summary>
internal sealed class SeatDemand(TimeProvider time)
{
    // How much of the past is kept at each look (as upstream): a burst is remembered for some minutes.
    private const double Inertia = 0.977;

    private long _since = time.GetTimestamp();
    private double _seconds;
    private double _sum;
    private double _squares;
    private double _peak;
    private double _now;

    /// <summary>The demand as it has been of late, at its high.</summary>
    public double Smoothed { get; private set; }

    /// <summary>The highest demand of the last period.</summary>
    public double Peak { get; private set; }

    /// <summary>The demand is this from now on.</summary>
    public void Set(double seats)
    {
        Advance();
        _now = seats;
        _peak = Math.Max(_peak, seats);
    }

    /// <summary>Ends a period.</summary>
    public void EndPeriod()
    {
        Advance();
        var mean = _seconds > 0 ? _sum / _seconds : _now;
        var variance = _seconds > 0 ? Math.Max(0, (_squares / _seconds) - (mean * mean)) : 0;
        var envelope = Math.Min(_peak, mean + Math.Sqrt(variance));
        Peak = _peak;
        Smoothed = Math.Max(envelope, (Inertia * Smoothed) + ((1 - Inertia) * envelope));
        (_seconds, _sum, _squares, _peak) = (0, 0, 0, _now);
    }

    private void Advance()
    {
        var now = time.GetTimestamp();
        var seconds = time.GetElapsedTime(_since, now).TotalSeconds;
        _since = now;
        _seconds += seconds;
        _sum += _now * seconds;
        _squares += _now * _now * seconds;
    }
}
