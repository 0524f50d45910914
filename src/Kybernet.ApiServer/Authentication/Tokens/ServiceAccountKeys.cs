using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Kybernet.ApiServer.Authentication.Tokens;

/// <summary>The keys of ServiceAccount tokens: the one that signs, and all whose signatures are believed. Signs and verifies compact JSON Web Tokens.</summary>
/// <param name="issuer">Who the tokens say they are from, as in <c>https://kubernetes.default.svc.cluster.local</c>.</param>
/// <param name="signer">The key that signs.</param>
/// <param name="retired">Keys that signed before it, whose tokens are still good.</param>
public sealed class ServiceAccountKeys(string issuer, SigningKey signer, IReadOnlyList<SigningKey> retired)
{
    /// <summary>Who the tokens say they are from.</summary>
    public string Issuer { get; } = issuer;

    /// <summary>Every key whose signature is believed.</summary>
    public IReadOnlyList<SigningKey> All { get; } = [signer, .. retired];

    /// <summary>Makes a token of claims.</summary>
    internal string Sign(ServiceAccountClaims claims)
    {
        var signed = $"{Encode(WriteHeader)}.{Encode(claims.WriteTo)}";
        return $"{signed}.{Base64Url.EncodeToString(signer.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Whether a token says that it is from this issuer; nothing is verified.</summary>
    internal bool IsOurs(string token, out ServiceAccountClaims? claims)
    {
        claims = null;
        var first = token.IndexOf('.');
        var last = token.LastIndexOf('.');
        if (first <= 0 || last <= first + 1)
        {
            return false;
        }
        try
        {
            claims = ServiceAccountClaims.Parse(Base64Url.DecodeFromChars(token.AsSpan(first + 1, last - first - 1)));
            return claims is not null && claims.Issuer == Issuer;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return false; // not a token of this form: another authenticator's business
        }
    }

    /// <summary>Whether one of the keys signed the token.</summary>
    internal bool Verify(string token)
    {
        try
        {
            var last = token.LastIndexOf('.');
            var (algorithm, keyId) = ReadHeader(Base64Url.DecodeFromChars(token.AsSpan(0, token.IndexOf('.'))));
            var signature = Base64Url.DecodeFromChars(token.AsSpan(last + 1));
            var signed = Encoding.ASCII.GetBytes(token[..last]);
            foreach (var key in All)
            {
                // The algorithm is the key's, never the token's word alone: a token must not choose how it is believed.
                if (key.Algorithm == algorithm && (keyId.Length == 0 || keyId == key.KeyId) && key.Verify(signed, signature))
                {
                    return true;
                }
            }
            return false;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static (string Algorithm, string KeyId) ReadHeader(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return (
            root.TryGetProperty("alg", out var algorithm) ? algorithm.GetString() ?? "" : "",
            root.TryGetProperty("kid", out var keyId) ? keyId.GetString() ?? "" : "");
    }

    private static string Encode(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Api.Json.ModelJson.WriterOptions))
        {
            write(writer);
        }
        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }

    private void WriteHeader(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("alg"u8, signer.Algorithm);
        writer.WriteString("kid"u8, signer.KeyId);
        writer.WriteEndObject();
    }
}
