using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kybernet.Api.Ownership;

/// <summary>
/// Fields of an object, as <c>FieldsV1</c> of <c>metadata.managedFields</c> writes them (KEP-555): a tree of path elements, of which some are members.
/// Immutable.
/// </summary>
public sealed class FieldSet
{
    private const string SelfName = ".";

    private readonly SortedDictionary<string, FieldSet>? _children;

    internal FieldSet(bool isMember, SortedDictionary<string, FieldSet>? children)
    {
        IsMember = isMember;
        _children = children is { Count: > 0 } ? children : null;
    }

    /// <summary>No field.</summary>
    public static FieldSet Empty { get; } = new(false, null);

    /// <summary>The field that the set begins at, and nothing in it.</summary>
    public static FieldSet Self { get; } = new(true, null);

    /// <summary>Whether the field that the set begins at belongs to it.</summary>
    public bool IsMember { get; }

    /// <summary>Whether no field belongs to it.</summary>
    public bool IsEmpty => !IsMember && _children is null;

    internal IReadOnlyDictionary<string, FieldSet> Children => _children is { } children ? children : System.Collections.ObjectModel.ReadOnlyDictionary<string, FieldSet>.Empty;

    /// <summary>The set of what is in a field: empty where there is nothing.</summary>
    /// <param name="element">A path element, as <c>FieldsV1</c> writes it: <c>f:spec</c>.</param>
    public FieldSet Under(string element) => _children is not null && _children.TryGetValue(element, out var child) ? child : Empty;

    /// <summary>The set with the field that it begins at.</summary>
    internal FieldSet WithSelf() => IsMember ? this : new FieldSet(true, _children);

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
        var children = Copy();
        foreach (var (element, child) in other.Children)
        {
            children[element] = children.TryGetValue(element, out var own) ? own.Union(child) : child;
        }
        return new FieldSet(IsMember || other.IsMember, children);
    }

    /// <summary>The fields of this set that are none of the other's. What is in a field that is taken out stays.</summary>
    public FieldSet Except(FieldSet other)
    {
        if (IsEmpty || other.IsEmpty)
        {
            return this;
        }
        var children = Copy();
        foreach (var (element, child) in other.Children)
        {
            if (children.TryGetValue(element, out var own))
            {
                Put(children, element, own.Except(child));
            }
        }
        return new FieldSet(IsMember && !other.IsMember, children);
    }

    /// <summary>The fields of this set that are neither the other's nor in one of the other's.</summary>
    public FieldSet ExceptWithin(FieldSet other)
    {
        if (other.IsMember)
        {
            return Empty;
        }
        if (IsEmpty || other.IsEmpty)
        {
            return this;
        }
        var children = Copy();
        foreach (var (element, child) in other.Children)
        {
            if (children.TryGetValue(element, out var own))
            {
                Put(children, element, own.ExceptWithin(child));
            }
        }
        return new FieldSet(IsMember, children);
    }

    /// <summary>The fields of both sets.</summary>
    public FieldSet Intersect(FieldSet other)
    {
        if (IsEmpty || other.IsEmpty)
        {
            return Empty;
        }
        var children = new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (element, child) in Children)
        {
            Put(children, element, child.Intersect(other.Under(element)));
        }
        return new FieldSet(IsMember && other.IsMember, children);
    }

    /// <summary>Whether the sets have the same fields.</summary>
    public bool SetEquals(FieldSet other)
    {
        if (IsMember != other.IsMember || Children.Count != other.Children.Count)
        {
            return false;
        }
        foreach (var (element, child) in Children)
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
            var reader = new Utf8JsonReader(json);
            reader.Read();
            return Read(ref reader, isRoot: true);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"fieldsV1: {exception.Message}", exception);
        }
    }

    /// <summary>The set as a tree of <c>FieldsV1</c>.</summary>
    public JsonObject ToTree()
    {
        var tree = new JsonObject();
        if (IsMember && _children is not null)
        {
            tree[SelfName] = new JsonObject();
        }
        foreach (var (element, child) in Children)
        {
            tree[element] = child.ToTree();
        }
        return tree;
    }

    private static FieldSet Read(ref Utf8JsonReader reader, bool isRoot)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException("fieldsV1: a set of fields is an object");
        }
        SortedDictionary<string, FieldSet>? children = null;
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
                (children ??= new SortedDictionary<string, FieldSet>(StringComparer.Ordinal))[element] = child;
            }
            else
            {
                throw new FormatException($"fieldsV1: \"{element}\" is no path element");
            }
        }
        // A leaf is written as an empty object, without saying that it is a member.
        return children is null ? (isRoot && !isMember ? Empty : Self) : new FieldSet(isMember, children);
    }

    private static void Put(SortedDictionary<string, FieldSet> children, string element, FieldSet child)
    {
        if (child.IsEmpty)
        {
            children.Remove(element);
        }
        else
        {
            children[element] = child;
        }
    }

    private SortedDictionary<string, FieldSet> Copy() =>
        _children is null ? new SortedDictionary<string, FieldSet>(StringComparer.Ordinal) : new SortedDictionary<string, FieldSet>(_children, StringComparer.Ordinal);

    private IEnumerable<string> Paths(string prefix)
    {
        if (IsMember)
        {
            yield return prefix;
        }
        foreach (var (element, child) in Children)
        {
            foreach (var path in child.Paths(prefix + PathElement.Describe(element)))
            {
                yield return path;
            }
        }
    }
}
