using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.ApiServer.Authentication.Tokens;

/// <summary>Tells others how to verify the cluster's tokens: <c>/.well-known/openid-configuration</c> and <c>/openid/v1/jwks</c>.</summary>
public sealed class OpenIdDiscovery
{
    /// <summary>The path of the configuration.</summary>
    public const string ConfigurationPath = "/.well-known/openid-configuration";

    /// <summary>The path of the keys.</summary>
    public const string KeysPath = "/openid/v1/jwks";

    /// <summary>Makes the documents.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="externalAddress">Where the keys can be fetched, as in <c>https://10.0.0.1:6443</c>.</param>
    public OpenIdDiscovery(ServiceAccountKeys keys, string externalAddress)
    {
        Configuration = ModelJson.ToUtf8(new JsonObject
        {
            ["issuer"] = keys.Issuer,
            ["jwks_uri"] = externalAddress + KeysPath,
            ["response_types_supported"] = new JsonArray(JsonValue.Create("id_token")),
            ["subject_types_supported"] = new JsonArray(JsonValue.Create("public")),
            ["id_token_signing_alg_values_supported"] =
                new JsonArray(keys.All.Select(key => key.Algorithm).Distinct().Select(name => (JsonNode)JsonValue.Create(name)).ToArray()),
        });
        Keys = ModelJson.ToUtf8(new JsonObject { ["keys"] = new JsonArray(keys.All.Select(key => (JsonNode)key.ToJsonWebKey()).ToArray()) });
    }

    /// <summary>What <see cref="ConfigurationPath"/> serves, as <c>application/json</c>.</summary>
    public ReadOnlyMemory<byte> Configuration { get; }

    /// <summary>What <see cref="KeysPath"/> serves, as <c>application/jwk-set+json</c>.</summary>
    public ReadOnlyMemory<byte> Keys { get; }
}
