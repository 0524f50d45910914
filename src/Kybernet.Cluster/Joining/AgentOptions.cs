namespace Kybernet.Cluster.Joining;

/// <summary>What <c>kybernet agent</c> is told.</summary>
/// <param name="Data">Where everything of this node is.</param>
public sealed record AgentOptions(DataDirectory Data)
{
    /// <summary>The API server's address, as in <c>https://192.0.2.1:6443</c>; null for the one of the last start.</summary>
    public string? Server { get; init; }

    /// <summary>The token to join with; not needed by a node that has joined.</summary>
    public string? Token { get; init; }

    /// <summary>The hash of the cluster's authority, as in <c>sha256:</c> and 64 hexadecimal digits; null to believe whoever knows the token.</summary>
    public string? AuthorityHash { get; init; }

    /// <summary>The node's name; null for the one of the last start, or the machine's own.</summary>
    public string? NodeName { get; init; }

    /// <summary>Labels that the Node gets, as in <c>disk=ssd</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}
