namespace Kybernet.Network.Nftables;

/// <summary>
/// What an nft table is to be, and what of that the kernel has not been told yet. Changes that cancel each other cost nothing: what a transaction carries is
/// the difference between what the kernel has and what is wanted at that time. Not safe for concurrent use.
/// </summary>
/// <param name="family">The table's family, such as <c>inet</c>.</param>
/// <param name="name">Its name.</param>
internal sealed class NftTable(string family, string name)
{
    private readonly Dictionary<string, NftChain> _chains = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NftSet> _sets = new(StringComparer.Ordinal);

    /// <summary>What the kernel has of the chains that were changed since; null where it has none.</summary>
    private readonly Dictionary<string, NftChain?> _changedChains = new(StringComparer.Ordinal);

    /// <summary>Sets that are gone, but not in the kernel.</summary>
    private readonly Dictionary<string, NftSet> _removedSets = new(StringComparer.Ordinal);

    private readonly HashSet<string> _changedSets = new(StringComparer.Ordinal);

    /// <summary>How many elements all sets have.</summary>
    public int ElementCount => _sets.Values.Sum(static set => set.Count);

    /// <summary>How many chains there are.</summary>
    public int ChainCount => _chains.Count;

    /// <summary>Makes a chain what it is to be.</summary>
    public void SetChain(string chain, NftChain content)
    {
        RememberChain(chain);
        _chains[chain] = content;
    }

    /// <summary>Takes a chain away. Nothing may lead to it any more by the next transaction.</summary>
    public void RemoveChain(string chain)
    {
        RememberChain(chain);
        _chains.Remove(chain);
    }

    /// <summary>Makes a set or a map, without elements.</summary>
    /// <param name="set">Its name.</param>
    /// <param name="kind"><c>set</c> or <c>map</c>.</param>
    /// <param name="type">The type of its elements, as nft spells it.</param>
    public void AddSet(string set, string kind, string type)
    {
        // One that was to go, and comes back before it went, is still there with what it had.
        _sets.Add(set, _removedSets.Remove(set, out var removed) ? removed : new NftSet(kind, type));
        _changedSets.Add(set);
    }

    /// <summary>Takes a set away. No rule may name it any more by the next transaction.</summary>
    public void RemoveSet(string set)
    {
        if (_sets.Remove(set, out var removed) && removed.IsInKernel)
        {
            removed.Clear();
            _removedSets.Add(set, removed);
        }
        _changedSets.Remove(set);
    }

    /// <summary>Adds an element, or counts one more reason for it to be there.</summary>
    public void AddElement(string set, string element)
    {
        _sets[set].Add(element);
        _changedSets.Add(set);
    }

    /// <summary>Takes away one reason for an element to be there.</summary>
    public void RemoveElement(string set, string element)
    {
        _sets[set].Remove(element);
        _changedSets.Add(set);
    }

    /// <summary>Maps a key to a value; null for to nothing.</summary>
    public void Map(string map, string key, string? value)
    {
        _sets[map].Map(key, value);
        _changedSets.Add(map);
    }

    /// <summary>The transaction that brings the kernel from what it was last told to what is wanted. From now on it counts as told.</summary>
    /// <returns>Empty where there is nothing to tell.</returns>
    public string TakeChanges()
    {
        var script = new NftScript($"{family} {name}");
        foreach (var (chain, before) in _changedChains)
        {
            script.Chain(chain, before, _chains.GetValueOrDefault(chain));
        }
        foreach (var set in _removedSets.Keys)
        {
            script.RemoveSet(set);
        }
        foreach (var set in _changedSets)
        {
            _sets[set].TakeChanges(set, script);
        }
        _changedChains.Clear();
        _removedSets.Clear();
        _changedSets.Clear();
        return script.ToString();
    }

    /// <summary>The transaction that makes the table anew, whatever the kernel has. From now on it counts as told.</summary>
    public string TakeAll()
    {
        _changedChains.Clear();
        _removedSets.Clear();
        foreach (var chain in _chains.Keys)
        {
            _changedChains.Add(chain, null);
        }
        foreach (var (set, content) in _sets)
        {
            content.Forget();
            _changedSets.Add(set);
        }
        return $"add table {family} {name}\ndelete table {family} {name}\nadd table {family} {name}\n" + TakeChanges();
    }

    private void RememberChain(string chain) => _changedChains.TryAdd(chain, _chains.GetValueOrDefault(chain));
}
