namespace Kybernet.Api.Cel;

/// <summary>What functions cost that look at all of a string or a list, and how big what they make can be.</summary>
internal static class Costs
{
    private const double TraversalFactor = 0.1;
    private const double PatternFactor = 0.25;

    /// <summary>A tenth of a unit for each character.</summary>
    public static double Traversal(double size, double times = 1) => Math.Ceiling(size * TraversalFactor * times);

    /// <summary>What it costs to look at the first argument once.</summary>
    public static double First(ReadOnlySpan<double> sizes, double result) => Traversal(sizes[0]);

    /// <summary>What it costs to look at the first argument and to make something as long.</summary>
    public static double FirstTwice(ReadOnlySpan<double> sizes, double result) => Traversal(sizes[0], 2);

    /// <summary>What it costs to look at the second argument once.</summary>
    public static double Second(ReadOnlySpan<double> sizes, double result) => Traversal(sizes[1]);

    /// <summary>What it costs to look at the shorter of two arguments.</summary>
    public static double Shorter(ReadOnlySpan<double> sizes, double result) => Traversal(Math.Min(sizes[0], sizes[1]));

    /// <summary>What it costs to look at both of two arguments.</summary>
    public static double Both(ReadOnlySpan<double> sizes, double result) => Traversal(sizes[0] + sizes[1]);

    /// <summary>What it costs to make the result.</summary>
    public static double Result(ReadOnlySpan<double> sizes, double result) => Traversal(result, 2);

    /// <summary>What it costs to look for one string in another.</summary>
    public static double Search(ReadOnlySpan<double> sizes, double result) => Traversal(sizes[0]) * Traversal(sizes[1]);

    /// <summary>What it costs to match the first argument against a pattern.</summary>
    public static double Pattern(ReadOnlySpan<double> sizes, double result) => Traversal(1 + sizes[0]) * Math.Ceiling(sizes[1] * PatternFactor);

    /// <summary>What it costs to visit each item of the first argument.</summary>
    public static double Items(ReadOnlySpan<double> sizes, double result) => sizes[0];

    /// <summary>What it costs to compare each item of a list with each of another.</summary>
    public static double Product(ReadOnlySpan<double> sizes, double result) => 1 + (sizes[0] * sizes[1]);

    /// <summary>What is as big as the first argument at most.</summary>
    public static double SizeOfFirst(ReadOnlySpan<double> sizes) => sizes[0];

    /// <summary>What is as big as two arguments together.</summary>
    public static double SizeOfBoth(ReadOnlySpan<double> sizes) => sizes[0] + sizes[1];

    /// <summary>What has other texts in the places of some.</summary>
    public static double SizeReplaced(ReadOnlySpan<double> sizes) =>
        sizes[2] <= sizes[1] ? sizes[0] : sizes[0] + (Math.Ceiling((sizes[0] + 1) / Math.Max(sizes[1], 1)) * sizes[2]);
}
