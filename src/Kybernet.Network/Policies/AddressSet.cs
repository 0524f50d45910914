namespace Kybernet.Network.Policies;

/// <summary>
/// What rules name instead of the pods themselves: so that a rule stays as it is when pods come and go, and a packet costs one look into a hash table however
/// many there are. Policies that mean the same pods share one. In nft there is one set for each version of the internet protocol.
/// </summary>
/// <param name="id">What it is of, in full: sets with the same are the same.</param>
internal abstract class AddressSet(string id) : IEquatable<AddressSet>
{
    private readonly string _name = $"{NftNames.Of("s", id)}-";

    /// <summary>The name in nft.</summary>
    public string NameOf(IPFamily family) => _name + family.Version;

    /// <summary>The type of its elements.</summary>
    public abstract string TypeOf(IPFamily family);

    /// <summary>The elements that a pod gives it.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="namespaceLabels">The labels of its namespace; null where that is not known (yet): no selector matches it then.</param>
    public abstract IEnumerable<(IPFamily Family, string Element)> ElementsOf(PodEntry pod, IReadOnlyDictionary<string, string>? namespaceLabels);

    /// <inheritdoc/>
    public bool Equals(AddressSet? other) => other?._name == _name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AddressSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _name.GetHashCode(StringComparison.Ordinal);
}
