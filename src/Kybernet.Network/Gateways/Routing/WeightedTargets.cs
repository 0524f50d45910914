namespace Kybernet.Network.Gateways.Routing;

/// <summary>The backends of a rule, each of which gets its share of the requests.</summary>
internal sealed class WeightedTargets
{
    /// <summary>2 to the 64th over the golden ratio: multiples of it spread evenly, so that shares come out right over few requests already.</summary>
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly RouteTarget[] _targets;
    private readonly long[] _ends;
    private readonly long _total;
    private ulong _next;

    public WeightedTargets(IEnumerable<RouteTarget> targets)
    {
        _targets = [.. targets.Where(static target => target.Weight > 0)];
        _ends = new long[_targets.Length];
        for (var i = 0; i < _targets.Length; i++)
        {
            _ends[i] = _total += _targets[i].Weight;
        }
    }

    public static WeightedTargets None { get; } = new([]);

    public IReadOnlyList<RouteTarget> All => _targets;

    /// <summary>The backend of the next request; null where none is to have any.</summary>
    public RouteTarget? Next()
    {
        if (_targets.Length <= 1)
        {
            return _targets.Length == 0 ? null : _targets[0];
        }
        var point = (long)Math.BigMul(Interlocked.Increment(ref _next) * Golden, (ulong)_total, out _);
        var index = 0;
        while (point >= _ends[index])
        {
            index++;
        }
        return _targets[index];
    }
}
