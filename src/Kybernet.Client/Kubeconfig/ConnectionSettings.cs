namespace Kybernet.Client;

/// <summary>How to reach an API server, and as whom.</summary>
/// <param name="Server">As in <c>https://127.0.0.1:6443</c>.</param>
public sealed record ConnectionSettings(Uri Server)
{
    /// <summary>The authorities to trust, as PEM; null for those of the machine.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>The client's certificate, as PEM.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>The client's private key, as PEM.</summary>
    public string? ClientKey { get; init; }

    /// <summary>A file with the client's certificate, which is read again when it has changed; goes before <see cref="ClientCertificate"/>.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>The file with the key to <see cref="ClientCertificateFile"/>, which may be the same file.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>A bearer token.</summary>
    public string? Token { get; init; }

    /// <summary>A file with a bearer token, which is read again every minute; goes before <see cref="Token"/>.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The name for basic authentication.</summary>
    public string? Username { get; init; }

    /// <summary>The password for basic authentication.</summary>
    public string? Password { get; init; }

    /// <summary>Whether any certificate of the server will do.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The name that the server's certificate has to have, where it is not the one in the address.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The proxy to go through.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The namespace to work in where none is said; empty for <c>default</c>.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>What the client calls itself.</summary>
    public string UserAgent { get; init; } = "kybernet";

    // A record prints its members, and these are secrets.
    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append("Server = ").Append(Server);
        return true;
    }
}

/// <summary>Thrown when a kubeconfig cannot be read, or does not say enough.</summary>
public sealed class KubeconfigException(string message, Exception? inner = null) : Exception(message, inner);
