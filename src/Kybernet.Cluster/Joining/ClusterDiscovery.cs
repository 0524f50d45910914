using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Certificates;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Yaml;
using Kybernet.Client;

namespace Kybernet.Cluster.Joining;

/// <summary>
/// Finds out what authority a cluster's certificates are of, knowing nothing but an address and a token: what the server says is believed when it is signed
/// with the token, and, where a hash was given, when the authority's key has that hash (as <c>kubeadm join</c> does).
/// </summary>
internal static class ClusterDiscovery
{
    private const string HashPrefix = "sha256:";
    private const string Payload = "kubeconfig";

    /// <summary>The authority's certificate, as PEM.</summary>
    /// <exception cref="ClusterException">The server cannot be reached, or is not to be believed.</exception>
    public static async Task<string> FindAuthorityAsync(
        Uri server, BootstrapToken token, string? authorityHash, TimeProvider time, CancellationToken cancellationToken)
    {
        var info = await ReadClusterInfoAsync(server, time, cancellationToken);
        var (_, authority) = Read(info);
        if (!info.Data.TryGetValue("jws-kubeconfig-" + token.Id, out var signature))
        {
            throw new ClusterException($"the cluster at {server} does not know the token {token.Id} (or its time is over)")
            {
                Hint = "Make a new one on the server: kybernet token create --print-join-command",
            };
        }
        if (!token.Verifies(signature, info.Data[Payload]))
        {
            throw new ClusterException($"what {server} says is not signed with this token: it is not the token's cluster, or the token is mistyped");
        }
        if (authorityHash is not null && !HashOf(authority).Equals(authorityHash, StringComparison.OrdinalIgnoreCase))
        {
            throw new ClusterException($"the cluster at {server} is not the one that was meant: its authority's hash is {HashOf(authority)}");
        }
        return authority;
    }

    /// <summary>The hash of a certificate's public key, as in <c>sha256:</c> and 64 hexadecimal digits (RFC 7469's pin, as kubeadm writes it).</summary>
    public static string HashOf(string certificatePem)
    {
        using var certificate = X509Certificate2.CreateFromPem(certificatePem);
        return HashPrefix + Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>Whether a text reads as such a hash.</summary>
    public static bool IsHash(string text) =>
        text.StartsWith(HashPrefix, StringComparison.OrdinalIgnoreCase) && text.Length == HashPrefix.Length + 64
        && text.AsSpan(HashPrefix.Length).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0;

    /// <summary>What <c>kube-public/cluster-info</c> says: the server's address, and the authority's certificate as PEM.</summary>
    /// <exception cref="ClusterException">It does not say it.</exception>
    public static (Uri Server, string Authority) Read(ConfigMap info)
    {
        try
        {
            if (info.Data.TryGetValue(Payload, out var text) && YamlReader.Read(text)?["clusters"]?.AsArray().FirstOrDefault()?["cluster"] is JsonObject cluster
                && cluster["certificate-authority-data"] is JsonValue authority && cluster["server"] is JsonValue server)
            {
                return (new Uri(server.GetValue<string>()), Encoding.UTF8.GetString(Convert.FromBase64String(authority.GetValue<string>())));
            }
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException or YamlFormatException)
        {
            throw new ClusterException("what the cluster says of itself cannot be read: " + exception.Message, exception);
        }
        throw new ClusterException("the cluster does not say where it is and by whom its certificates are signed: kube-public/cluster-info has no kubeconfig");
    }

    private static async Task<ConfigMap> ReadClusterInfoAsync(Uri server, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transport = new HttpTransport(new ConnectionSettings(server) { SkipTlsVerify = true }, time);
        try
        {
            return await new ApiClient(transport).GetAsync<ConfigMap>("kube-public", "cluster-info", cancellationToken);
        }
        catch (ApiUnavailableException exception)
        {
            throw new ClusterException(exception.Message, exception) { Hint = "Is the address right, and does the server run? On it: kybernet status" };
        }
        catch (ApiException exception)
        {
            throw new ClusterException($"{server} does not tell what cluster it is: {exception.Message}", exception);
        }
    }
}
