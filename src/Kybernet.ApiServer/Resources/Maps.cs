using System.Collections.Immutable;
using Kybernet.Api;

namespace Kybernet.ApiServer.Resources;

/// <summary>Comparisons of what models hold, which have no equality by content of their own.</summary>
internal static class Maps
{
    /// <summary>No quantities at all.</summary>
    public static IReadOnlyDictionary<string, Quantity> NoQuantities { get; } = ImmutableDictionary<string, Quantity>.Empty;

    /// <summary>Whether two maps of texts have the same entries, in whatever order.</summary>
    public static bool Same(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }
        foreach (var (key, value) in left)
        {
            if (!right.TryGetValue(key, out var other) || value != other)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether two maps of bytes have the same entries, in whatever order.</summary>
    public static bool Same(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> left, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }
        foreach (var (key, value) in left)
        {
            if (!right.TryGetValue(key, out var other) || !value.Span.SequenceEqual(other.Span))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether two lists of texts are the same, in the same order.</summary>
    public static bool Same(IReadOnlyList<string> left, IReadOnlyList<string> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }
        for (var i = 0; i < left.Count; i++)
        {
            if (left[i] != right[i])
            {
                return false;
            }
        }
        return true;
    }
}
