using Kybernet.Api.Gateway.V1;
using Kybernet.Network.Gateways.Routing;

namespace Kybernet.Network.Gateways.Filters;

/// <summary>Another path in the place of the one that was asked for: of all of it, or of the prefix that matched.</summary>
internal sealed class PathChange(HTTPPathModifier modifier)
{
    private readonly string _replacement = modifier.Type == "ReplaceFullPath" ? modifier.ReplaceFullPath ?? "/" : (modifier.ReplacePrefixMatch ?? "").TrimEnd('/');

    public bool IsPrefix { get; } = modifier.Type == "ReplacePrefixMatch";

    /// <summary>The new path.</summary>
    /// <param name="path">The path as it was asked for.</param>
    /// <param name="match">What it matched.</param>
    public string Apply(string path, RouteMatch match)
    {
        if (!IsPrefix)
        {
            return _replacement;
        }
        var rest = match.PathKind == PathKind.Prefix && path.Length >= match.Path.Length ? path[match.Path.Length..] : path;
        return _replacement.Length + rest.Length == 0 ? "/" : _replacement + rest;
    }
}

/// <summary>What a backend is asked for instead.</summary>
/// <param name="Hostname">The host; null for the same.</param>
/// <param name="Path">The path; null for the same.</param>
internal sealed record Rewrite(string? Hostname, PathChange? Path);
