namespace Kybernet.ApiServer.FlowControl;

/// <summary>Shares seats out among levels that want more, or less, than there are (KEP-1040, "Dispatching", the borrowing between priority levels).</summary>
internal static class FairAllocation
{
    private const int Rounds = 60;

    /// <summary>What one level may get, and what it wants.</summary>
    /// <param name="Lower">The fewest seats that it gets.</param>
    /// <param name="Upper">The most.</param>
    /// <param name="Target">How many it could use.</param>
    public readonly record struct Claim(double Lower, double Upper, double Target);

    /// <summary>Gives every claim the same fraction of what it wants, within its bounds, so that all is given out.</summary>
    /// <param name="total">How many seats there are.</param>
    /// <param name="claims">The claims; what is given to all of them together can miss the total only where their bounds do not let it be met.</param>
    public static double[] Share(double total, IReadOnlyList<Claim> claims)
    {
        var (low, high) = (0.0, 1.0);
        while (Sum(high) < total && high < 1e9)
        {
            high *= 2;
        }
        // What is given out grows with the fraction: the one that gives out all of it lies between.
        for (var round = 0; round < Rounds; round++)
        {
            var middle = (low + high) / 2;
            (low, high) = Sum(middle) < total ? (middle, high) : (low, middle);
        }
        return [.. claims.Select(claim => Given(claim, high))];

        double Sum(double fraction) => claims.Sum(claim => Given(claim, fraction));
    }

    private static double Given(Claim claim, double fraction) => Math.Clamp(claim.Target * fraction, claim.Lower, Math.Max(claim.Lower, claim.Upper));
}
