namespace Kybernet.ApiServer.Authentication;

/// <summary>By what users may prove who they are, beside certificates and the tokens that the cluster itself issues.</summary>
public sealed record AuthenticationOptions
{
    /// <summary>The proxies that are believed who their users are.</summary>
    public RequestHeaderOptions RequestHeader { get; init; } = new();

    /// <summary>The tokens of a file.</summary>
    internal IReadOnlyList<Credential> Tokens { get; init; } = [];

    /// <summary>The names and passwords of a file.</summary>
    internal IReadOnlyList<Credential> Passwords { get; init; } = [];
}
