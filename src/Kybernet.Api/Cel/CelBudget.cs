namespace Kybernet.Api.Cel;

/// <summary>What evaluations may cost, in upstream's units: a budget for many, of which each may use up so much. Not safe to use from many threads.</summary>
/// <param name="total">What all evaluations together may cost.</param>
/// <param name="perCall">What one evaluation may cost.</param>
public sealed class CelBudget(long total = CelBudget.Total, long perCall = CelBudget.PerCall)
{
    /// <summary>What one evaluation may cost.</summary>
    public const long PerCall = 1_000_000;

    /// <summary>What all evaluations for one object may cost.</summary>
    public const long Total = 10_000_000;

    private long _callStart = total;

    /// <summary>What is left; negative once it is used up.</summary>
    public long Remaining { get; private set; } = total;

    /// <summary>Begins an evaluation. Evaluations that begin within it, as those of lazy variables do, count towards their own.</summary>
    /// <returns>What <see cref="End"/> takes.</returns>
    internal long Begin()
    {
        var outer = _callStart;
        _callStart = Remaining;
        return outer;
    }

    internal void End(long outer) => _callStart = outer;

    /// <summary>Something is done that costs so much.</summary>
    /// <exception cref="CelBudgetException">It is more than one evaluation may cost.</exception>
    internal void Spend(long cost)
    {
        Remaining = cost > long.MaxValue - Math.Abs(Remaining) ? long.MinValue / 2 : Remaining - cost;
        if (_callStart - Remaining > perCall)
        {
            throw new CelBudgetException();
        }
    }
}
