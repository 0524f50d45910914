namespace Kybernet.Api.Cel;

/// <summary>What functions cost that look at all of a string or a list.</summary>
internal static class Costs
{
    public const double TraversalFactor = 0.1;
    public const double PatternFactor = 0.25;

    /// <summary>A tenth of a unit for each character.</summary>
    public static long Traversal(long size, double times = 1) => (long)Math.Ceiling(size * TraversalFactor * times);

    /// <summary>What it costs to look at the first argument once.</summary>
    public static long First(CelValue[] arguments, CelValue result) => Traversal(arguments[0].Size);

    /// <summary>What it costs to look at the first argument and to make something as long.</summary>
    public static long FirstTwice(CelValue[] arguments, CelValue result) => Traversal(arguments[0].Size, 2);

    /// <summary>What it costs to look at the shorter of two arguments.</summary>
    public static long Shorter(CelValue[] arguments, CelValue result) => Traversal(Math.Min(arguments[0].Size, arguments[1].Size));

    /// <summary>What it costs to match the first argument against a pattern.</summary>
    public static long Pattern(CelValue[] arguments, CelValue result) =>
        Traversal(1 + arguments[0].Size) * (long)Math.Ceiling(arguments[1].Size * PatternFactor);

    /// <summary>What it costs to visit each item of the first argument, whose own sizes count where they are strings.</summary>
    public static long Items(CelValue[] arguments, CelValue result)
    {
        if (arguments[0] is not CelList list)
        {
            return Traversal(arguments[0].Size);
        }
        var cost = 0L;
        for (var i = 0; i < list.Count; i++)
        {
            cost += list[i] is CelString or CelBytes ? 1 + Traversal(list[i].Size) : 1;
        }
        return cost;
    }
}
