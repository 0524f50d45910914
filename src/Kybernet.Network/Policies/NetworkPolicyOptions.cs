namespace Kybernet.Network.Policies;

/// <summary>What the enforcement of network policies on a node has to be told.</summary>
public sealed record NetworkPolicyOptions
{
    /// <summary>The Node's name.</summary>
    public required string NodeName { get; init; }

    /// <summary>The name of the nft table, of family <c>inet</c>, that is its own.</summary>
    public required string Table { get; init; }
}
