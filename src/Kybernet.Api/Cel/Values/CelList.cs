using System.Text.Json.Nodes;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Cel;

/// <summary>A list.</summary>
public abstract class CelList : CelValue
{
    // Upstream's limits are of what an evaluation does, not of what it holds, and lists that are doubled often cost little to make.
    private const int MaxCount = 1_000_000;

    /// <summary>How many items it has.</summary>
    public abstract int Count { get; }

    /// <inheritdoc/>
    public override CelType Type => CelType.List;

    internal override long Size => Count;

    /// <summary>An item.</summary>
    public abstract CelValue this[int index] { get; }

    /// <summary>A list of values.</summary>
    public static CelList Of(IReadOnlyList<CelValue> items) => new Items(items);

    /// <summary>The list with another behind it; what both sets have is in it once, and the items of the other replace those of the same keys.</summary>
    /// <returns>The list; an error where it would be so long that it could have been made only to be long.</returns>
    internal CelValue Append(CelList other)
    {
        if (Count + (long)other.Count > MaxCount)
        {
            return new CelError("list is too long");
        }
        var items = new List<CelValue>(Count + other.Count);
        for (var i = 0; i < Count; i++)
        {
            items.Add(this[i]);
        }
        for (var i = 0; i < other.Count; i++)
        {
            var item = other[i];
            var known = Type.ListType == ListType.Atomic ? -1 : items.FindIndex(candidate => IsCounterpart(candidate, item));
            if (known < 0)
            {
                items.Add(item);
            }
            else
            {
                items[known] = item;
            }
        }
        return new Items(items) { OfType = Type };
    }

    internal bool Contains(CelValue value)
    {
        for (var i = 0; i < Count; i++)
        {
            if (this[i].Same(value))
            {
                return true;
            }
        }
        return false;
    }

    internal override bool Same(CelValue other)
    {
        if (other is not CelList list || list.Count != Count)
        {
            return false;
        }
        for (var i = 0; i < Count; i++)
        {
            if (Type.ListType == ListType.Atomic ? !this[i].Same(list[i]) : !list.Contains(this[i]))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether two items are one item of the list, whatever else is in them.</summary>
    private bool IsCounterpart(CelValue left, CelValue right)
    {
        if (Type.ListType == ListType.Set)
        {
            return left.Same(right);
        }
        foreach (var key in Type.ListKeys)
        {
            var (a, b) = ((left as CelMap)?.Find(key), (right as CelMap)?.Find(key));
            if (a is null ? b is not null : b is null || !a.Same(b))
            {
                return false;
            }
        }
        return true;
    }

    private sealed class Items(IReadOnlyList<CelValue> items) : CelList
    {
        internal override double Weight { get; } = 1 + items.Sum(static item => item.Weight);

        public override int Count => items.Count;

        public CelType OfType { get; init; } = CelType.List;

        public override CelType Type => OfType;

        public override CelValue this[int index] => items[index];
    }
}

/// <summary>A list of a JSON tree: an item becomes a value when it is asked for.</summary>
internal sealed class CelJsonList(JsonArray items, CelType type) : CelList
{
    private readonly CelType _item = type.Kind == CelKind.List ? type.Parameters[0] : CelType.Dyn;

    public override int Count => items.Count;

    internal override double Weight => 1 + items.Count;

    public override CelType Type => type.Kind == CelKind.List ? type : CelType.List;

    public override CelValue this[int index] => CelJson.ToValue(items[index], _item);
}
