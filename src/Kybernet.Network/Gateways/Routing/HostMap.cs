using System.Collections.Frozen;

namespace Kybernet.Network.Gateways.Routing;

/// <summary>Something for each hostname; of those that mean a name, the most specific comes first. Immutable.</summary>
internal sealed class HostMap<T>
    where T : class
{
    private readonly FrozenDictionary<string, T> _names;
    private readonly FrozenDictionary<string, T> _suffixes;
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _suffixesOf;

    /// <param name="entries">By hostname; each hostname once.</param>
    public HostMap(IReadOnlyDictionary<string, T> entries)
    {
        _names = entries.Where(static entry => !Hostnames.IsWildcard(entry.Key)).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _suffixes = entries.Where(static entry => Hostnames.IsWildcard(entry.Key))
            .ToFrozenDictionary(static entry => entry.Key[1..], static entry => entry.Value, StringComparer.OrdinalIgnoreCase);
        _suffixesOf = _suffixes.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public static HostMap<T> Empty { get; } = new(new Dictionary<string, T>());

    public IEnumerable<T> Values => _names.Values.Concat(_suffixes.Values);

    /// <summary>What the most specific hostname says of a name; null where none means it.</summary>
    public T? Find(string name)
    {
        for (var step = 0; Next(name, ref step, out var found);)
        {
            if (found is not null)
            {
                return found;
            }
        }
        return null;
    }

    /// <summary>Goes through what is said of a name, the most specific hostname first: begins with step 0, and ends with false. A step may find nothing.</summary>
    public bool Next(string name, ref int step, out T? found)
    {
        found = null;
        if (step == 0)
        {
            _names.TryGetValue(name, out found);
            step = _suffixes.Count > 0 ? 1 : name.Length + 1;
            return true;
        }
        if (step > name.Length)
        {
            var isFirst = step == name.Length + 1;
            step = name.Length + 2;
            return isFirst && name.Length > 0 && _names.TryGetValue("", out found);
        }
        var dot = name.IndexOf('.', step);
        if (dot < 0)
        {
            step = name.Length + 1;
            return true;
        }
        _suffixesOf.TryGetValue(name.AsSpan(dot), out found);
        step = dot + 1;
        return true;
    }
}
