using System.Globalization;

namespace Kybernet.Api.Schema;

/// <summary>Orders versions as Kubernetes does: stable ones after betas, betas after alphas, higher numbers later; all else first.</summary>
public sealed class VersionComparer : IComparer<string>
{
    /// <summary>The one comparer.</summary>
    public static VersionComparer Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        var (left, right) = (Rank(x ?? ""), Rank(y ?? ""));
        var order = left.CompareTo(right);
        // Names of no known form are in alphabetical order, the first of them the highest.
        return order != 0 || left.Stage != 0 ? order : string.CompareOrdinal(y, x);
    }

    private static (int Stage, int Major, int Minor) Rank(string version)
    {
        if (version is not ['v', .. var rest])
        {
            return default;
        }
        var digits = rest.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits < 0)
        {
            return TryNumber(rest, out var stable) ? (3, stable, 0) : default;
        }
        if (!TryNumber(rest.AsSpan(0, digits), out var major))
        {
            return default;
        }
        var stage = rest.AsSpan(digits);
        var (rank, length) = stage.StartsWith("beta") ? (2, 4) : stage.StartsWith("alpha") ? (1, 5) : (0, 0);
        return rank != 0 && TryNumber(stage[length..], out var minor) ? (rank, major, minor) : default;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
