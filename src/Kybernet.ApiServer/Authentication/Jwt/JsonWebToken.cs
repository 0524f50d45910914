using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>A JSON Web Token in its compact form, not verified.</summary>
/// <param name="Algorithm">What it says it is signed with.</param>
/// <param name="KeyId">The key that it says it is signed with; empty for none.</param>
/// <param name="Claims">What it says.</param>
/// <param name="Signed">What the signature is of.</param>
/// <param name="Signature">The signature.</param>
internal sealed record JsonWebToken(string Algorithm, string KeyId, JsonObject Claims, byte[] Signed, byte[] Signature)
{
    /// <summary>Who it says issued it.</summary>
    public string Issuer => Claims.Text("iss") ?? "";

    /// <summary>Whom it says it is for.</summary>
    public IEnumerable<string> Audiences => Claims["aud"] switch
    {
        JsonArray list => list.Select(JsonValues.Text),
        JsonValue one => [JsonValues.Text(one)],
        _ => [],
    };

    /// <summary>Reads a token; null where it is of another form.</summary>
    public static JsonWebToken? Parse(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3)
        {
            return null;
        }
        try
        {
            return Tree(parts[0]) is { } header && Tree(parts[1]) is { } claims
                ? new JsonWebToken(
                    header.Text("alg") ?? "", header.Text("kid") ?? "", claims, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]))
                : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>A moment that it tells; null for none.</summary>
    public DateTimeOffset? Time(string claim) =>
        JsonValues.TryDouble(Claims[claim], out var seconds) && seconds is >= 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;

    private static JsonObject? Tree(string part) => ModelJson.ParseTree(Base64Url.DecodeFromChars(part)) as JsonObject;
}
