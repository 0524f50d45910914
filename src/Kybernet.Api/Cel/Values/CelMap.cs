using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Kybernet.Api.Cel;

/// <summary>A map, or an object: its fields are the entries then.</summary>
public abstract class CelMap : CelValue
{
    /// <inheritdoc/>
    public override CelType Type => CelType.Map;

    /// <summary>How many entries it has.</summary>
    public abstract int Count { get; }

    /// <summary>The keys, in the order in which they are visited.</summary>
    public abstract IEnumerable<CelValue> Keys { get; }

    internal override long Size => Count;

    /// <summary>The value of a key; null where there is none.</summary>
    public abstract CelValue? Find(CelValue key);

    /// <summary>The value of a key or a field; null where there is none.</summary>
    public virtual CelValue? Find(string key) => Find(new CelString(key));

    /// <summary>Whether there is a value of a key or a field.</summary>
    public virtual bool Has(string key) => Find(key) is not null;

    internal override bool Same(CelValue other)
    {
        if (other is not CelMap map || map.Count != Count)
        {
            return false;
        }
        foreach (var key in Keys)
        {
            if (map.Find(key) is not { } counterpart || !Find(key)!.Same(counterpart))
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary>A map that an expression makes.</summary>
internal sealed class CelEntries : CelMap
{
    private readonly Dictionary<CelValue, CelValue> _entries = new(KeyComparer.Instance);
    private double _weight = 1;

    public override int Count => _entries.Count;

    internal override double Weight => _weight;

    public override IEnumerable<CelValue> Keys => _entries.Keys;

    /// <summary>Adds an entry, while the map is made; false where there is one of the key.</summary>
    public bool TryAdd(CelValue key, CelValue value)
    {
        _weight += value.Weight;
        return _entries.TryAdd(key, value);
    }

    public override CelValue? Find(CelValue key) => _entries.GetValueOrDefault(key);

    /// <summary>Keys are equal as numbers are, whatever their types.</summary>
    private sealed class KeyComparer : IEqualityComparer<CelValue>
    {
        public static KeyComparer Instance { get; } = new();

        public bool Equals(CelValue? left, CelValue? right) => left is not null && right is not null && left.Same(right);

        public int GetHashCode([DisallowNull] CelValue key) => key switch
        {
            CelString text => text.Value.GetHashCode(StringComparison.Ordinal),
            CelInt number => number.Value.GetHashCode(),
            CelUint number => unchecked((long)number.Value).GetHashCode(),
            CelDouble number => number.Value is >= long.MinValue and <= long.MaxValue ? ((long)number.Value).GetHashCode() : unchecked((long)(ulong)number.Value).GetHashCode(),
            CelBool flag => flag.Value ? 1 : 0,
            _ => 0,
        };
    }
}

/// <summary>An object that an expression makes: a map by the names of its fields, of a type of its own.</summary>
internal sealed class CelStruct(CelObjectType type, Dictionary<string, CelValue> fields) : CelMap
{
    public override CelType Type => type;

    public override int Count => fields.Count;

    internal override double Weight { get; } = 1 + fields.Values.Sum(static value => value.Weight);

    public override IEnumerable<CelValue> Keys => fields.Keys.Select(static name => new CelString(name));

    public override CelValue? Find(CelValue key) => key is CelString name ? Find(name.Value) : null;

    public override CelValue? Find(string key) => fields.GetValueOrDefault(key);
}

/// <summary>An object of a JSON tree: a field becomes a value when it is asked for.</summary>
internal sealed class CelJsonMap(JsonObject tree, CelType type) : CelMap
{
    private readonly CelObjectType? _object = type is CelObjectType { IsOpen: false } known ? known : null;
    private readonly CelType _value = type.Kind == CelKind.Map ? type.Parameters[1] : CelType.Dyn;

    public override CelType Type => type.Kind is CelKind.Map or CelKind.Object ? type : CelType.Map;

    public override int Count => _object is null ? tree.Count : Keys.Count();

    internal override double Weight => 1 + tree.Count;

    public override IEnumerable<CelValue> Keys => _object is null
        ? tree.Select(static entry => new CelString(entry.Key))
        : _object.Fields.Where(entry => IsSet(entry.Value)).Select(static entry => new CelString(entry.Key));

    public override CelValue? Find(CelValue key) => key is CelString name ? Find(name.Value) : null;

    public override CelValue? Find(string key)
    {
        if (_object is null)
        {
            return tree.TryGetPropertyValue(key, out var value) ? CelJson.ToValue(value, _value) : null;
        }
        return _object.Find(key) is { } field && tree.TryGetPropertyValue(field.JsonName, out var node) ? CelJson.ToValue(node, field.Type) : null;
    }

    public override bool Has(string key) => _object is null ? tree.ContainsKey(key) : _object.Find(key) is { } field && IsSet(field);

    private bool IsSet(CelField field) => tree.ContainsKey(field.JsonName);
}
