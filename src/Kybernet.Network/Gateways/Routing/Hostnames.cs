using System.Diagnostics.CodeAnalysis;

namespace Kybernet.Network.Gateways.Routing;

/// <summary>Hostnames of listeners and routes: a name, <c>*.example.com</c> for all names that end so, or nothing for all.</summary>
internal static class Hostnames
{
    private const string Wildcard = "*.";

    public static bool IsWildcard(string hostname) => hostname.StartsWith(Wildcard, StringComparison.Ordinal);

    /// <summary>Whether a hostname means a name, or all that another one means.</summary>
    public static bool Covers(string hostname, string other) =>
        hostname.Length == 0
        || string.Equals(hostname, other, StringComparison.OrdinalIgnoreCase)
        || (IsWildcard(hostname) && other.Length >= hostname.Length && other.EndsWith(hostname[1..], StringComparison.OrdinalIgnoreCase));

    /// <summary>What both of two hostnames mean: the narrower of them.</summary>
    public static bool TryIntersect(string one, string other, [NotNullWhen(true)] out string? both)
    {
        both = Covers(one, other) ? other : Covers(other, one) ? one : null;
        return both is not null;
    }

    /// <summary>What a listener serves of a route: the listener's own hostname where the route names none, or else what they have in common.</summary>
    public static IReadOnlyList<string> Effective(string listener, IReadOnlyList<string> route)
    {
        if (route.Count == 0)
        {
            return [listener];
        }
        var effective = new List<string>();
        foreach (var hostname in route)
        {
            if (TryIntersect(listener, hostname, out var both) && !effective.Contains(both, StringComparer.OrdinalIgnoreCase))
            {
                effective.Add(both);
            }
        }
        return effective;
    }
}
