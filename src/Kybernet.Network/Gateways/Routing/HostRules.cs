using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Network.Gateways.Routing;

/// <summary>The rules of all routes for one hostname of a listener. Immutable.</summary>
internal sealed class HostRules
{
    private readonly FrozenDictionary<string, RouteEntry[]> _exact;
    private readonly RouteEntry[] _patterns;
    private readonly FrozenDictionary<string, RouteEntry[]> _prefixes;
    private readonly FrozenDictionary<string, RouteEntry[]>.AlternateLookup<ReadOnlySpan<char>> _prefixesOf;

    public HostRules(IReadOnlyList<RouteEntry> entries)
    {
        _exact = ByPath(entries, PathKind.Exact);
        _prefixes = ByPath(entries, PathKind.Prefix);
        _prefixesOf = _prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        _patterns =
        [
            .. entries.Where(static entry => entry.Match.PathKind == PathKind.Regex)
                .OrderByDescending(static entry => entry.Match.Path.Length).ThenBy(static entry => entry, RoutePrecedence.Comparer),
        ];
    }

    /// <summary>The match that a request is answered by: an exact path before a regular expression, that before a prefix, and the longest prefix first.</summary>
    public RouteEntry? Find(HttpRequest request, string path)
    {
        if (_exact.TryGetValue(path, out var exact) && First(exact, request) is { } found)
        {
            return found;
        }
        foreach (var entry in _patterns)
        {
            if (entry.Match.PathPattern!.IsMatch(path) && entry.Match.IsMatch(request))
            {
                return entry;
            }
        }
        return FindPrefix(request, path);
    }

    /// <summary>A prefix ends where an element of the path does: each of those places is looked up, the last one first.</summary>
    private RouteEntry? FindPrefix(HttpRequest request, string path)
    {
        if (_prefixes.Count == 0)
        {
            return null;
        }
        for (var length = path.Length; length >= 0; length = length == 0 ? -1 : path.LastIndexOf('/', length - 1))
        {
            if (_prefixesOf.TryGetValue(path.AsSpan(0, length), out var entries) && First(entries, request) is { } found)
            {
                return found;
            }
        }
        return null;
    }

    private static RouteEntry? First(RouteEntry[] entries, HttpRequest request)
    {
        foreach (var entry in entries)
        {
            if (entry.Match.IsMatch(request))
            {
                return entry;
            }
        }
        return null;
    }

    private static FrozenDictionary<string, RouteEntry[]> ByPath(IReadOnlyList<RouteEntry> entries, PathKind kind) => entries
        .Where(entry => entry.Match.PathKind == kind)
        .GroupBy(static entry => entry.Match.Path, StringComparer.Ordinal)
        .ToFrozenDictionary(static group => group.Key, static group => group.Order(RoutePrecedence.Comparer).ToArray(), StringComparer.Ordinal);
}
