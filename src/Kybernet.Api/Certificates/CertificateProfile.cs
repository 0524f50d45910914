using System.Net;

namespace Kybernet.Api.Certificates;

/// <summary>What a certificate is to say.</summary>
/// <param name="CommonName">The subject's CN: a user's name to the API server, where it is a client's certificate.</param>
/// <param name="Organizations">The subject's O: the user's groups.</param>
public sealed record CertificateProfile(string CommonName, params IReadOnlyList<string> Organizations)
{
    /// <summary>Whether servers accept it from a client.</summary>
    public bool IsClient { get; init; }

    /// <summary>Whether clients accept it from a server.</summary>
    public bool IsServer { get; init; }

    /// <summary>The names that a server is reached by.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];

    /// <summary>The addresses that a server is reached by.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];
}
