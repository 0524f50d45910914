namespace Kybernet.ApiServer.Authentication;

/// <summary>How proxies that authenticate users say who these are. Servers that extend the API are told the same, for there the API server is such a proxy.</summary>
public sealed record RequestHeaderOptions
{
    /// <summary>The names that a proxy's certificate may be for; empty for any that the authorities signed.</summary>
    public IReadOnlyList<string> AllowedNames { get; init; } = ["front-proxy-client"];

    /// <summary>The headers that may name the user; the first that is there counts.</summary>
    public IReadOnlyList<string> UsernameHeaders { get; init; } = ["X-Remote-User"];

    /// <summary>The headers that may hold the user's uid; the first that is there counts.</summary>
    public IReadOnlyList<string> UidHeaders { get; init; } = [];

    /// <summary>The headers that name the user's groups.</summary>
    public IReadOnlyList<string> GroupHeaders { get; init; } = ["X-Remote-Group"];

    /// <summary>What the headers begin with that tell what else is known of the user.</summary>
    public IReadOnlyList<string> ExtraHeadersPrefixes { get; init; } = ["X-Remote-Extra-"];
}
