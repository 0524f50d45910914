using System.Text;

namespace Kybernet.Network.Nftables;

/// <summary>
/// A transaction for <c>nft -f -</c>. nft takes a line after the other, so what is named has to be there before, and what goes may not be named any more:
/// sets and chains are made first, then rules, then elements, and what nothing leads to any more is taken away at the end.
/// </summary>
/// <param name="table">Family and name of the table.</param>
internal sealed class NftScript(string table)
{
    private readonly StringBuilder _made = new();
    private readonly StringBuilder _rules = new();
    private readonly StringBuilder _elements = new();
    private readonly StringBuilder _flushed = new();
    private readonly StringBuilder _removed = new();
    private readonly Dictionary<string, ElementLists> _lists = new(StringComparer.Ordinal);

    /// <summary>Changes a chain from one content to another; null for none.</summary>
    public void Chain(string name, NftChain? before, NftChain? now)
    {
        if (now is null)
        {
            if (before is not null)
            {
                _flushed.Append("flush chain ").Append(table).Append(' ').Append(name).Append('\n');
                _removed.Append("delete chain ").Append(table).Append(' ').Append(name).Append('\n');
            }
            return;
        }
        if (before?.SameAs(now) == true)
        {
            return;
        }
        if (before is null)
        {
            _made.Append("add chain ").Append(table).Append(' ').Append(name).Append(now.Hook.Length == 0 ? "" : $" {{ {now.Hook} }}").Append('\n');
        }
        else
        {
            _rules.Append("flush chain ").Append(table).Append(' ').Append(name).Append('\n');
        }
        foreach (var rule in now.Rules)
        {
            _rules.Append("add rule ").Append(table).Append(' ').Append(name).Append(' ').Append(rule).Append('\n');
        }
    }

    /// <summary>Makes a set or a map.</summary>
    public void AddSet(string name, string kind, string type) =>
        _made.Append("add ").Append(kind).Append(' ').Append(table).Append(' ').Append(name).Append(" { type ").Append(type).Append("; }\n");

    /// <summary>Takes a set away.</summary>
    public void RemoveSet(string name) => _removed.Append("delete set ").Append(table).Append(' ').Append(name).Append('\n');

    /// <summary>Changes an element from one value to another; null for none, and the empty value for an element of a set.</summary>
    public void Element(string set, string key, string? before, string? now)
    {
        if (!_lists.TryGetValue(set, out var lists))
        {
            _lists.Add(set, lists = new ElementLists([], []));
        }
        if (before is not null)
        {
            lists.Removed.Add(key);
        }
        if (now is not null)
        {
            lists.Added.Add(now.Length == 0 ? key : $"{key} : {now}");
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        foreach (var (set, lists) in _lists)
        {
            Append("delete element", set, lists.Removed);
            Append("add element", set, lists.Added);
        }
        _lists.Clear();
        return $"{_made}{_rules}{_elements}{_flushed}{_removed}";
    }

    private void Append(string verb, string set, List<string> elements)
    {
        if (elements.Count > 0)
        {
            _elements.Append(verb).Append(' ').Append(table).Append(' ').Append(set).Append(" { ").AppendJoin(", ", elements).Append(" }\n");
        }
    }

    private sealed record ElementLists(List<string> Removed, List<string> Added);
}
