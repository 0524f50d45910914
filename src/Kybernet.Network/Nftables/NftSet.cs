namespace Kybernet.Network.Nftables;

/// <summary>A set or a map of a table: what it is to have, and what the kernel has where that is something else.</summary>
/// <param name="kind"><c>set</c> or <c>map</c>.</param>
/// <param name="type">The type of its elements.</param>
internal sealed class NftSet(string kind, string type)
{
    private readonly Dictionary<string, Element> _elements = new(StringComparer.Ordinal);

    /// <summary>What the kernel has of the elements that were changed since; null where it has none.</summary>
    private readonly Dictionary<string, string?> _changed = new(StringComparer.Ordinal);

    /// <summary>Whether the kernel was told of it.</summary>
    public bool IsInKernel { get; private set; }

    /// <summary>How many elements it has.</summary>
    public int Count => _elements.Count;

    /// <summary>Adds an element, or one more reason for it.</summary>
    public void Add(string key)
    {
        Remember(key);
        _elements[key] = new Element("", _elements.GetValueOrDefault(key).Reasons + 1);
    }

    /// <summary>Takes away one reason for an element.</summary>
    public void Remove(string key)
    {
        Remember(key);
        if (_elements.GetValueOrDefault(key) is { Reasons: > 1 } element)
        {
            _elements[key] = element with { Reasons = element.Reasons - 1 };
        }
        else
        {
            _elements.Remove(key);
        }
    }

    /// <summary>Maps a key to a value; null for to nothing.</summary>
    public void Map(string key, string? value)
    {
        Remember(key);
        if (value is null)
        {
            _elements.Remove(key);
        }
        else
        {
            _elements[key] = new Element(value, 1);
        }
    }

    /// <summary>Takes all elements away.</summary>
    public void Clear()
    {
        foreach (var key in _elements.Keys)
        {
            Remember(key);
        }
        _elements.Clear();
    }

    /// <summary>Writes what the kernel does not have yet, which from now on it has.</summary>
    public void TakeChanges(string name, NftScript script)
    {
        if (!IsInKernel)
        {
            script.AddSet(name, kind, type);
        }
        foreach (var (key, before) in _changed)
        {
            var now = _elements.TryGetValue(key, out var element) ? element.Value : null;
            if (before != now)
            {
                script.Element(name, key, before, now);
            }
        }
        IsInKernel = true;
        _changed.Clear();
    }

    /// <summary>The kernel has nothing of it.</summary>
    public void Forget()
    {
        IsInKernel = false;
        _changed.Clear();
        foreach (var key in _elements.Keys)
        {
            _changed.Add(key, null);
        }
    }

    private void Remember(string key) => _changed.TryAdd(key, _elements.TryGetValue(key, out var element) ? element.Value : null);

    private readonly record struct Element(string Value, int Reasons);
}
