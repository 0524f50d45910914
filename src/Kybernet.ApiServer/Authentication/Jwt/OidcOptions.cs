using System.Text.Json.Nodes;
using Kybernet.ApiServer.Admission.Configuration;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>One issuer whose tokens are believed, as the <c>--oidc-*</c> flags say: another way to write an AuthenticationConfiguration.</summary>
internal sealed record OidcOptions
{
    private const string NoPrefix = "-";

    public string IssuerUrl { get; init; } = "";

    public string ClientId { get; init; } = "";

    public string CertificateAuthority { get; init; } = "";

    public string UsernameClaim { get; init; } = "sub";

    /// <summary>Null for the issuer's address, unless users are named by their mail addresses.</summary>
    public string? UsernamePrefix { get; init; }

    public string GroupsClaim { get; init; } = "";

    public string GroupsPrefix { get; init; } = "";

    public IReadOnlyList<string> SigningAlgorithms { get; init; } = ["RS256"];

    public IReadOnlyDictionary<string, string> RequiredClaims { get; init; } = new Dictionary<string, string>();

    /// <summary>The configuration that says the same.</summary>
    /// <exception cref="ConfigurationException">The flags do not go together.</exception>
    public JsonObject ToConfiguration()
    {
        if (IssuerUrl.Length == 0 || ClientId.Length == 0)
        {
            throw new ConfigurationException("oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set");
        }
        var username = new JsonObject { ["claim"] = UsernameClaim, ["prefix"] = PrefixOfUsers() };
        var mappings = new JsonObject { ["username"] = username };
        if (GroupsClaim.Length > 0)
        {
            mappings["groups"] = new JsonObject { ["claim"] = GroupsClaim, ["prefix"] = GroupsPrefix };
        }
        return new JsonObject
        {
            ["apiVersion"] = "apiserver.config.k8s.io/v1",
            ["kind"] = "AuthenticationConfiguration",
            ["jwt"] = new JsonArray(new JsonObject
            {
                ["issuer"] = new JsonObject { ["url"] = IssuerUrl, ["audiences"] = new JsonArray((JsonNode)ClientId), ["certificateAuthority"] = CertificateAuthority },
                ["claimMappings"] = mappings,
                ["claimValidationRules"] = new JsonArray(
                    [.. RequiredClaims.Select(static required => new JsonObject { ["claim"] = required.Key, ["requiredValue"] = required.Value })]),
            }),
        };
    }

    private string PrefixOfUsers() => UsernamePrefix switch
    {
        NoPrefix => "",
        null => UsernameClaim == "email" ? "" : $"{IssuerUrl}#",
        var prefix => prefix,
    };
}
