namespace Kybernet.Network.Nftables;

/// <summary>A chain.</summary>
/// <param name="Hook">Where packets come into it from the kernel, as nft spells it; empty for one that other chains lead to.</param>
/// <param name="Rules">Its rules, in order.</param>
internal sealed record NftChain(string Hook, IReadOnlyList<string> Rules)
{
    /// <summary>Whether it does the same as another.</summary>
    public bool SameAs(NftChain other) => Hook == other.Hook && Rules.SequenceEqual(other.Rules);
}
