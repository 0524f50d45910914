using System.Text.Json;

namespace Kybernet.ApiServer.Authentication.Tokens;

/// <summary>An object that a token names, by name and identity.</summary>
/// <param name="Name">The name.</param>
/// <param name="Uid">The identity; empty where it is not known.</param>
internal sealed record ClaimedObject(string Name, string Uid);

/// <summary>What a ServiceAccount's token says.</summary>
internal sealed record ServiceAccountClaims
{
    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required IReadOnlyList<string> Audiences { get; init; }

    public required long ExpiresAt { get; init; }

    public required long IssuedAt { get; init; }

    public required long NotBefore { get; init; }

    /// <summary>Names the token; empty where it has no name.</summary>
    public string Id { get; init; } = "";

    public required string Namespace { get; init; }

    public required ClaimedObject ServiceAccount { get; init; }

    public ClaimedObject? Pod { get; init; }

    public ClaimedObject? Secret { get; init; }

    public ClaimedObject? Node { get; init; }

    /// <summary>When a token that lives longer than its holder asked for should have been replaced; 0 for any other token.</summary>
    public long WarnAfter { get; init; }

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("aud"u8);
        foreach (var audience in Audiences)
        {
            writer.WriteStringValue(audience);
        }
        writer.WriteEndArray();
        writer.WriteNumber("exp"u8, ExpiresAt);
        writer.WriteNumber("iat"u8, IssuedAt);
        writer.WriteString("iss"u8, Issuer);
        if (Id.Length > 0)
        {
            writer.WriteString("jti"u8, Id);
        }
        writer.WriteStartObject("kubernetes.io"u8);
        writer.WriteString("namespace"u8, Namespace);
        WriteObject(writer, "node", Node);
        WriteObject(writer, "pod", Pod);
        WriteObject(writer, "secret", Secret);
        WriteObject(writer, "serviceaccount", ServiceAccount);
        if (WarnAfter > 0)
        {
            writer.WriteNumber("warnafter"u8, WarnAfter);
        }
        writer.WriteEndObject();
        writer.WriteNumber("nbf"u8, NotBefore);
        writer.WriteString("sub"u8, Subject);
        writer.WriteEndObject();
    }

    /// <summary>Reads claims; null where they are not a ServiceAccount's.</summary>
    /// <exception cref="JsonException">A claim is of the wrong type.</exception>
    public static ServiceAccountClaims? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("kubernetes.io", out var kubernetes)
                || ObjectOf(kubernetes, "serviceaccount") is not { } account)
            {
                return null;
            }
            return new ServiceAccountClaims
            {
                Issuer = Text(root, "iss"),
                Subject = Text(root, "sub"),
                Audiences = AudiencesOf(root),
                ExpiresAt = Number(root, "exp"),
                IssuedAt = Number(root, "iat"),
                NotBefore = Number(root, "nbf"),
                Id = Text(root, "jti"),
                Namespace = Text(kubernetes, "namespace"),
                ServiceAccount = account,
                Pod = ObjectOf(kubernetes, "pod"),
                Secret = ObjectOf(kubernetes, "secret"),
                Node = ObjectOf(kubernetes, "node"),
                WarnAfter = Number(kubernetes, "warnafter"),
            };
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("a claim is of the wrong type", exception);
        }
        catch (FormatException exception)
        {
            throw new JsonException("a claim is no whole number", exception);
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, string name, ClaimedObject? claimed)
    {
        if (claimed is null)
        {
            return;
        }
        writer.WriteStartObject(name);
        writer.WriteString("name"u8, claimed.Name);
        if (claimed.Uid.Length > 0)
        {
            writer.WriteString("uid"u8, claimed.Uid);
        }
        writer.WriteEndObject();
    }

    private static string[] AudiencesOf(JsonElement root)
    {
        if (!root.TryGetProperty("aud", out var audiences))
        {
            return [];
        }
        return audiences.ValueKind == JsonValueKind.String
            ? [audiences.GetString()!]
            : audiences.EnumerateArray().Select(audience => audience.GetString() ?? "").ToArray();
    }

    private static ClaimedObject? ObjectOf(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? new ClaimedObject(Text(value, "name"), Text(value, "uid")) : null;

    private static string Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static long Number(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
}
