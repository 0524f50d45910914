using Kybernet.Network.Ingresses.Backends;

namespace Kybernet.Network.Ingresses.Routing;

/// <summary>A path of an Ingress and what is behind it.</summary>
/// <param name="Path">The path; without a slash at its end where it is a prefix.</param>
/// <param name="IsExact">Whether it is the whole path, and not the first elements of one.</param>
/// <param name="Backend">Where requests go.</param>
internal sealed record PathRoute(string Path, bool IsExact, Backend Backend);

/// <summary>The paths of one host, from all Ingresses that name it.</summary>
internal sealed class HostRoutes
{
    private readonly Dictionary<string, Backend> _exact = new(StringComparer.Ordinal);
    private readonly PathRoute[] _prefixes;
    private readonly Backend? _default;

    /// <param name="paths">The paths; of two that are the same, the first counts.</param>
    /// <param name="fallback">Where all other requests go; null where nothing says so.</param>
    public HostRoutes(IEnumerable<PathRoute> paths, Backend? fallback)
    {
        var prefixes = new Dictionary<string, PathRoute>(StringComparer.Ordinal);
        foreach (var route in paths)
        {
            if (route.IsExact)
            {
                _exact.TryAdd(route.Path, route.Backend);
            }
            else
            {
                prefixes.TryAdd(route.Path, route);
            }
        }
        _prefixes = [.. prefixes.Values.OrderByDescending(static route => route.Path.Length)];
        _default = fallback;
    }

    /// <summary>Where a request goes: an exact path before a prefix, the longest prefix before others.</summary>
    public Backend? Find(string path)
    {
        if (_exact.TryGetValue(path, out var exact))
        {
            return exact;
        }
        foreach (var route in _prefixes)
        {
            if (path.StartsWith(route.Path, StringComparison.Ordinal) && (path.Length == route.Path.Length || path[route.Path.Length] == '/'))
            {
                return route.Backend;
            }
        }
        return _default;
    }
}
