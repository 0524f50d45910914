using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Authentication.Jwt;

namespace Kybernet.ApiServer.Hosting;

/// <summary>Those of kube-apiserver's flags that are about one issuer of OpenID Connect.</summary>
internal static class OidcFlags
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ApiServerFlag> All { get; } =
    [
        Flag("--oidc-issuer-url", "URL", "Believe the tokens of this issuer.", static (oidc, value) => oidc with { IssuerUrl = value }),
        Flag("--oidc-client-id", "ID", "Those that are for this client.", static (oidc, value) => oidc with { ClientId = value }),
        Flag("--oidc-ca-file", "FILE", "Who signs the issuer's certificate.", static (oidc, value) => oidc with { CertificateAuthority = ConfigurationFile.ReadText(value) }),
        Flag("--oidc-username-claim", "CLAIM", "The claim that names the user [default: sub].", static (oidc, value) => oidc with { UsernameClaim = value }),
        Flag("--oidc-username-prefix", "PREFIX", "What is put before it; - for nothing [default: the issuer, unless the claim is email].", static (oidc, value) => oidc with { UsernamePrefix = value }),
        Flag("--oidc-groups-claim", "CLAIM", "The claim that names the user's groups.", static (oidc, value) => oidc with { GroupsClaim = value }),
        Flag("--oidc-groups-prefix", "PREFIX", "What is put before each of them.", static (oidc, value) => oidc with { GroupsPrefix = value }),
        Flag("--oidc-signing-algs", "ALGORITHMS", "What tokens may be signed with [default: RS256].", static (oidc, value) => oidc with { SigningAlgorithms = Algorithms(value) }),
        Flag("--oidc-required-claim", "CLAIM=VALUE,...", "What claims have to be.", static (oidc, value) => oidc with { RequiredClaims = Claims(value) }),
    ];

    private static ApiServerFlag Flag(string name, string value, string description, Func<OidcOptions, string, OidcOptions> apply) =>
        new(name, value, description, (options, text) => options with
        {
            Authentication = options.Authentication with { Oidc = apply(options.Authentication.Oidc ?? new OidcOptions(), text) },
        });

    private static string[] Algorithms(string value)
    {
        var algorithms = ApiServerFlags.List(value);
        var unknown = algorithms.FirstOrDefault(static algorithm => !JsonWebKey.Algorithms.Contains(algorithm));
        return unknown is null ? algorithms : throw new ConfigurationException($"{unknown} is none of {string.Join(", ", JsonWebKey.Algorithms)}");
    }

    private static Dictionary<string, string> Claims(string value)
    {
        var claims = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var claim in ApiServerFlags.List(value))
        {
            var equals = claim.IndexOf('=', StringComparison.Ordinal);
            claims[equals > 0 ? claim[..equals] : throw new ConfigurationException($"{claim} is not of the form claim=value")] = claim[(equals + 1)..];
        }
        return claims;
    }
}
