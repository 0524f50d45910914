namespace Kybernet.Network.Services.Rules;

/// <summary>What an nft table is made of, in the order in which the parts need each other.</summary>
internal enum RuleKind
{
    /// <summary>A set that rules fill.</summary>
    Set,

    /// <summary>A chain; its definition is its rules, a line each.</summary>
    Chain,

    /// <summary>An element of a set or map; its definition is what the map leads to, empty in a set.</summary>
    Element,
}

/// <summary>The name of a part of the table.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Holder">The name of the set or chain, or of the set or map that an element is in.</param>
/// <param name="Key">An element's key; empty otherwise.</param>
internal readonly record struct RuleKey(RuleKind Kind, string Holder, string Key)
{
    public static RuleKey Set(string name) => new(RuleKind.Set, name, "");

    public static RuleKey Chain(string name) => new(RuleKind.Chain, name, "");

    public static RuleKey Element(string holder, string key) => new(RuleKind.Element, holder, key);
}
