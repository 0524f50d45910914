using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Api.Certificates;

/// <summary>
/// A token that a machine may join a cluster with, as in <c>abcdef.0123456789abcdef</c>: a public id and a secret. The cluster keeps it as a Secret in
/// <c>kube-system</c> (Kubernetes documentation: Authenticating with Bootstrap Tokens).
/// </summary>
/// <param name="Id">Six lower case letters and digits, which may be shown.</param>
/// <param name="Secret">Sixteen, which may not.</param>
public sealed record BootstrapToken(string Id, string Secret)
{
    /// <summary>The namespace of the tokens' Secrets.</summary>
    public const string Namespace = "kube-system";

    /// <summary>The type of the tokens' Secrets.</summary>
    public const string SecretType = "bootstrap.kubernetes.io/token";

    private const string NamePrefix = "bootstrap-token-";
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int IdLength = 6;
    private const int SecretLength = 16;

    /// <summary>The name of the token's Secret.</summary>
    public string SecretName => NamePrefix + Id;

    /// <summary>Makes a token that nobody can guess.</summary>
    public static BootstrapToken Create() =>
        new(RandomNumberGenerator.GetString(Alphabet, IdLength), RandomNumberGenerator.GetString(Alphabet, SecretLength));

    /// <summary>Reads <c>ID.SECRET</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out BootstrapToken? token)
    {
        token = null;
        if (text.Length != IdLength + 1 + SecretLength || text[IdLength] != '.')
        {
            return false;
        }
        var id = text[..IdLength];
        var secret = text[(IdLength + 1)..];
        if (id.AsSpan().ContainsAnyExcept(Alphabet) || secret.AsSpan().ContainsAnyExcept(Alphabet))
        {
            return false;
        }
        token = new BootstrapToken(id, secret);
        return true;
    }

    /// <summary>The token that a Secret keeps; null where it keeps none.</summary>
    public static BootstrapToken? Of(Secret secret) =>
        secret.Type == SecretType && TryParse($"{Text(secret, "token-id")}.{Text(secret, "token-secret")}", out var token) && secret.Metadata.Name == token.SecretName
            ? token
            : null;

    /// <summary>When a token stops to be good; null for never. One whose date cannot be read has stopped already.</summary>
    public static DateTimeOffset? ExpirationOf(Secret secret)
    {
        var text = Text(secret, "expiration");
        if (text.Length == 0)
        {
            return null;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiration)
            ? expiration
            : DateTimeOffset.MinValue;
    }

    /// <summary>What somebody wrote about a token; empty for nothing.</summary>
    public static string DescriptionOf(Secret secret) => Text(secret, "description");

    /// <summary>Whether a token may be used for something: <c>authentication</c> or <c>signing</c>.</summary>
    public static bool IsFor(Secret secret, string usage) => Text(secret, "usage-bootstrap-" + usage) == "true";

    /// <summary>The groups, besides <c>system:bootstrappers</c>, that whoever has the token belongs to.</summary>
    public static IEnumerable<string> GroupsOf(Secret secret) =>
        Text(secret, "auth-extra-groups").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The Secret to keep it in: for joining nodes, which belong to <c>system:bootstrappers:kubeadm:default-node-token</c>.</summary>
    public Secret ToSecret(string description, DateTimeOffset? expiration)
    {
        var data = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal)
        {
            ["token-id"] = Encoding.UTF8.GetBytes(Id),
            ["token-secret"] = Encoding.UTF8.GetBytes(Secret),
            ["usage-bootstrap-authentication"] = "true"u8.ToArray(),
            ["usage-bootstrap-signing"] = "true"u8.ToArray(),
            ["auth-extra-groups"] = "system:bootstrappers:kubeadm:default-node-token"u8.ToArray(),
        };
        if (description.Length > 0)
        {
            data["description"] = Encoding.UTF8.GetBytes(description);
        }
        if (expiration is { } end)
        {
            data["expiration"] = Encoding.UTF8.GetBytes(end.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        }
        return new Secret { Metadata = new ObjectMeta { Namespace = Namespace, Name = SecretName }, Type = SecretType, Data = data };
    }

    /// <summary>
    /// Signs a text so that whoever has the token knows that someone who has it too vouches for it: a JWS (RFC 7515, HS256) without its payload.
    /// </summary>
    public string Sign(string text)
    {
        var header = Encode(Encoding.UTF8.GetBytes($$"""{"alg":"HS256","kid":"{{Id}}"}"""));
        return $"{header}..{Signature(header, text)}";
    }

    /// <summary>Whether <see cref="Sign"/>, with this token, made a signature for a text.</summary>
    public bool Verifies(string signature, string text)
    {
        var parts = signature.Split("..");
        return parts.Length == 2
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(parts[1]), Encoding.UTF8.GetBytes(Signature(parts[0], text)));
    }

    /// <summary>The token; keep it out of logs.</summary>
    public override string ToString() => $"{Id}.{Secret}";

    private string Signature(string header, string text) => Encode(HMACSHA256.HashData(
        Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{header}.{Encode(Encoding.UTF8.GetBytes(text))}")));

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static string Text(Secret secret, string key) => secret.Data.TryGetValue(key, out var value) ? Encoding.UTF8.GetString(value.Span) : "";
}
