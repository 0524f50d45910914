using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Authentication.Tokens;

/// <summary>A key that ServiceAccount tokens are signed with, or, without its private half, verified by: RSA (RS256) or P-256 (ES256).</summary>
public sealed class SigningKey : IDisposable
{
    private readonly RSA? _rsa;
    private readonly ECDsa? _ecdsa;

    // The handles of the platform's library are not safe to use from two threads at once.
    private readonly Lock _gate = new();

    private SigningKey(RSA? rsa, ECDsa? ecdsa)
    {
        _rsa = rsa;
        _ecdsa = ecdsa;
        var info = rsa?.ExportSubjectPublicKeyInfo() ?? ecdsa!.ExportSubjectPublicKeyInfo();
        KeyId = Base64Url.EncodeToString(SHA256.HashData(info));
    }

    /// <summary>Names the key in the tokens' header: the digest of the public key, as upstream names it.</summary>
    public string KeyId { get; }

    /// <summary>The algorithm's name in the tokens' header.</summary>
    public string Algorithm => _rsa is null ? "ES256" : "RS256";

    /// <summary>Reads a key, private or public.</summary>
    /// <exception cref="CryptographicException">The text is no key of RSA or P-256.</exception>
    public static SigningKey FromPem(string pem)
    {
        var ecdsa = ECDsa.Create();
        if (TryImport(ecdsa, pem))
        {
            return ecdsa.KeySize == 256 ? new SigningKey(null, ecdsa) : throw new CryptographicException("an elliptic-curve signing key must be P-256");
        }
        ecdsa.Dispose();
        var rsa = RSA.Create();
        if (TryImport(rsa, pem))
        {
            return new SigningKey(rsa, null);
        }
        rsa.Dispose();
        throw new CryptographicException("the text has no RSA or P-256 key");
    }

    /// <summary>Signs with the private half.</summary>
    /// <exception cref="CryptographicException">The key has no private half.</exception>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            return _rsa is null
                ? _ecdsa!.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                : _rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    /// <summary>Whether the signature is this key's.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        lock (_gate)
        {
            return _rsa is null
                ? _ecdsa!.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                : _rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    /// <summary>The public half as a JSON Web Key.</summary>
    public JsonObject ToJsonWebKey()
    {
        if (_rsa is not null)
        {
            var rsa = _rsa.ExportParameters(includePrivateParameters: false);
            return new JsonObject
            {
                ["use"] = "sig",
                ["kty"] = "RSA",
                ["kid"] = KeyId,
                ["alg"] = Algorithm,
                ["n"] = Base64Url.EncodeToString(rsa.Modulus),
                ["e"] = Base64Url.EncodeToString(rsa.Exponent),
            };
        }
        var ec = _ecdsa!.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["use"] = "sig",
            ["kty"] = "EC",
            ["kid"] = KeyId,
            ["crv"] = "P-256",
            ["alg"] = Algorithm,
            ["x"] = Base64Url.EncodeToString(ec.Q.X),
            ["y"] = Base64Url.EncodeToString(ec.Q.Y),
        };
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _rsa?.Dispose();
        _ecdsa?.Dispose();
    }

    /// <summary>The text does not always say what kind of key it has; whoever can read it knows.</summary>
    private static bool TryImport(AsymmetricAlgorithm algorithm, string pem)
    {
        try
        {
            algorithm.ImportFromPem(pem);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            return false;
        }
    }
}
