using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>A public key that an issuer publishes.</summary>
internal sealed class JsonWebKey
{
    // The handles of the platform's library are not safe to use from two threads at once.
    private readonly Lock _gate = new();
    private readonly RSA? _rsa;
    private readonly ECDsa? _ecdsa;

    private JsonWebKey(string keyId, RSA? rsa, ECDsa? ecdsa) => (KeyId, _rsa, _ecdsa) = (keyId, rsa, ecdsa);

    /// <summary>The algorithms that signatures can be verified of.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"];

    /// <summary>What tokens call it; empty for nothing.</summary>
    public string KeyId { get; }

    /// <summary>Reads a key; null where it is of a kind that signs nothing here.</summary>
    /// <exception cref="FormatException">Its numbers are none.</exception>
    /// <exception cref="CryptographicException">Its numbers are no key.</exception>
    public static JsonWebKey? Read(JsonObject key)
    {
        if (key.Text("use") is not (null or "sig"))
        {
            return null;
        }
        var keyId = key.Text("kid") ?? "";
        switch (key.Text("kty"))
        {
            case "RSA":
                return new JsonWebKey(keyId, RSA.Create(new RSAParameters { Modulus = Number(key, "n"), Exponent = Number(key, "e") }), null);
            case "EC" when Curve(key.Text("crv")) is { } curve:
                return new JsonWebKey(keyId, null, ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = Number(key, "x"), Y = Number(key, "y") } }));
            default:
                return null;
        }
    }

    /// <summary>Whether the signature is this key's, by an algorithm that keys of its kind sign with.</summary>
    public bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var hash = algorithm[2..] switch
        {
            "256" => HashAlgorithmName.SHA256,
            "384" => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };
        lock (_gate)
        {
            return algorithm[..2] switch
            {
                "RS" => _rsa?.VerifyData(data, signature, hash, RSASignaturePadding.Pkcs1) ?? false,
                "PS" => _rsa?.VerifyData(data, signature, hash, RSASignaturePadding.Pss) ?? false,
                _ => _ecdsa?.KeySize == KeySize(algorithm) && _ecdsa.VerifyData(data, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            };
        }
    }

    private static int KeySize(string algorithm) => algorithm switch
    {
        "ES256" => 256,
        "ES384" => 384,
        _ => 521,
    };

    private static ECCurve? Curve(string? name) => name switch
    {
        "P-256" => ECCurve.NamedCurves.nistP256,
        "P-384" => ECCurve.NamedCurves.nistP384,
        "P-521" => ECCurve.NamedCurves.nistP521,
        _ => null,
    };

    private static byte[] Number(JsonObject key, string field) => Base64Url.DecodeFromChars(key.Text(field) ?? "");
}
