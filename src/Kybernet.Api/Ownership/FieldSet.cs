using System.Text.Json;
using Kybernet.Api.Json;

namespace Kybernet.Api.Ownership;

/// <summary>
/// Fields of an object, as <c>FieldsV1</c> of <c>metadata.managedFields</c> writes them (KEP-555): a tree of path elements, of which some are members.
/// Immutable.
/// </summary>
public sealed class FieldSet
{
    private const string SelfName = ".";

    // In the order of their elements.
    private readonly KeyValuePair<string, FieldSet>[] _children;

    private FieldSet(bool isMember, KeyValuePair<string, FieldSet>[] children) => (IsMember, _children) = (isMember, children);

    /// <summary>No field.</summary>
    public static FieldSet Empty { get; } = new(false, []);

    /// <summary>The field that the set begins at, and nothing in it.</summary>
    public static FieldSet Self { get; } = new(true, []);

    /// <summary>Whether the field that the set begins at belongs to it.</summary>
    public bool IsMember { get; }

    /// <summary>Whether no field belongs to it.</summary>
    public bool IsEmpty => !IsMember && _children.Length == 0;

    internal ReadOnlySpan<KeyValuePair<string, FieldSet>> Children => _children;

    /// <summary>Makes a set of what is in its fields, in any order and without empty ones.</summary>
    internal static FieldSet Of(bool isMember, List<KeyValuePair<string, FieldSet>>? children)
    {
        if (children is null or { Count: 0 })
        {
            return isMember ? Self : Empty;
        }
        for (var i = 1; i < children.Count; i++)
        {
            if (string.CompareOrdinal(children[i - 1].Key, children[i].Key) >= 0)
            {
                children.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
                break;
            }
        }
        return new FieldSet(isMember, [.. children]);
    }

    /// <summary>The set of what is in a field: empty where there is nothing.</summary>
    /// <param name="element">A path element, as <c>FieldsV1</c> writes it: <c>f:spec</c>.</param>
    public FieldSet Under(string element)
    {
        var (low, high) = (0, _children.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            switch (string.CompareOrdinal(_children[middle].Key, element))
            {
                case 0:
                    return _children[middle].Value;
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }
        return Empty;
    }

    /// <summary>The set with the field that it begins at.</summary>
    internal FieldSet WithSelf() => IsMember ? this : _children.Length == 0 ? Self : new FieldSet(true, _children);

    /// <summary>The fields of either set.</summary>
    public FieldSet Union(FieldSet other)
    {
        if (other.IsEmpty || ReferenceEquals(this, other))
        {
            return this;
        }
        if (IsEmpty)
        {
            return other;
        }
        var children = new List<KeyValuePair<string, FieldSet>>(_children.Length + other._children.Length);
        var (mine, theirs) = (0, 0);
        while (mine < _children.Length || theirs < other._children.Length)
        {
            var order = mine == _children.Length ? 1 : theirs == other._children.Length ? -1 : string.CompareOrdinal(_children[mine].Key, other._children[theirs].Key);
            children.Add(order switch
            {
                < 0 => _children[mine++],
                > 0 => other._children[theirs++],
                _ => KeyValuePair.Create(_children[mine].Key, _children[mine++].Value.Union(other._children[theirs++].Value)),
            });
        }
        return new FieldSet(IsMember || other.IsMember, [.. children]);
    }

    /// <summary>The fields of this set that are none of the other's. What is in a field that is taken out stays.</summary>
    public FieldSet Except(FieldSet other) => Select(other, IsMember && !other.IsMember, static (own, others) => own.Except(others));

    /// <summary>The fields of this set that are neither the other's nor in one of the other's.</summary>
    public FieldSet ExceptWithin(FieldSet other) => other.IsMember ? Empty : Select(other, IsMember, static (own, others) => own.ExceptWithin(others));

    /// <summary>The fields of both sets.</summary>
    public FieldSet Intersect(FieldSet other) =>
        other.IsEmpty ? Empty : Select(other, IsMember && other.IsMember, static (own, others) => own.Intersect(others), isOfBoth: true);

    /// <summary>Whether the sets have the same fields.</summary>
    public bool SetEquals(FieldSet other)
    {
        if (IsMember != other.IsMember || _children.Length != other._children.Length)
        {
            return false;
        }
        foreach (var (element, child) in _children)
        {
            if (!child.SetEquals(other.Under(element)))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The members' paths, as messages write them: <c>.spec.containers[name="c"].image</c>.</summary>
    public IEnumerable<string> Paths() => Paths("");

    /// <summary>Reads <c>FieldsV1</c>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static FieldSet Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = ModelJson.Reader(json);
            reader.Read();
            return Read(ref reader, isRoot: true);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"fieldsV1: {exception.Message}", exception);
        }
    }

    /// <summary>Writes <c>FieldsV1</c>.</summary>
    public byte[] ToUtf8()
    {
        using var buffer = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ModelJson.WriterOptions))
        {
            WriteTo(writer);
        }
        return buffer.Written.ToArray();
    }

    private static FieldSet Read(ref Utf8JsonReader reader, bool isRoot)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException("fieldsV1: a set of fields is an object");
        }
        List<KeyValuePair<string, FieldSet>>? children = null;
        var isMember = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSelf = reader.ValueTextEquals(SelfName);
            var element = isSelf ? "" : reader.GetString()!;
            reader.Read();
            var child = Read(ref reader, isRoot: false);
            if (isSelf)
            {
                isMember = true;
            }
            else if (PathElement.IsWellFormed(element))
            {
                (children ??= []).Add(KeyValuePair.Create(element, child));
            }
            else
            {
                throw new FormatException($"fieldsV1: \"{element}\" is no path element");
            }
        }
        // A leaf is written as an empty object, without saying that it is a member.
        return children is null ? (isRoot && !isMember ? Empty : Self) : Of(isMember, children);
    }

    private void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (IsMember && _children.Length > 0)
        {
            writer.WriteStartObject(SelfName);
            writer.WriteEndObject();
        }
        foreach (var (element, child) in _children)
        {
            writer.WritePropertyName(element);
            child.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    /// <summary>What is left of this set's fields where the other has something of them too; the others stay, or go. The set itself where nothing changes.</summary>
    private FieldSet Select(FieldSet other, bool isMember, Func<FieldSet, FieldSet, FieldSet> select, bool isOfBoth = false)
    {
        List<KeyValuePair<string, FieldSet>>? left = null;
        for (var i = 0; i < _children.Length; i++)
        {
            var (element, own) = _children[i];
            var others = other.Under(element);
            var selected = !others.IsEmpty ? select(own, others) : isOfBoth ? Empty : own;
            if (left is null && !ReferenceEquals(selected, own))
            {
                left = [.. _children.AsSpan(0, i)];
            }
            if (left is not null && !selected.IsEmpty)
            {
                left.Add(KeyValuePair.Create(element, selected));
            }
        }
        if (left is null)
        {
            return isMember == IsMember ? this : new FieldSet(isMember, _children);
        }
        return Of(isMember, left);
    }

    private IEnumerable<string> Paths(string prefix)
    {
        if (IsMember)
        {
            yield return prefix;
        }
        foreach (var (element, child) in _children)
        {
            foreach (var path in child.Paths(prefix + PathElement.Describe(element)))
            {
                yield return path;
            }
        }
    }
}
