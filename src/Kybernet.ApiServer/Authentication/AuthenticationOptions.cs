using Kybernet.ApiServer.Authentication.Jwt;

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

    /// <summary>Whether requests may come without credentials; null where nobody says.</summary>
    internal bool? Anonymous { get; init; }

    /// <summary>The file of an AuthenticationConfiguration; empty for none.</summary>
    internal string ConfigurationPath { get; init; } = "";

    /// <summary>What the <c>--oidc-*</c> flags say; null where there are none.</summary>
    internal OidcOptions? Oidc { get; init; }
}
