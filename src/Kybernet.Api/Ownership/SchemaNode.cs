using System.Text.Json.Nodes;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Ownership;

/// <summary>How a value is owned and merged.</summary>
internal enum ValueShape
{
    /// <summary>As one.</summary>
    Leaf,

    /// <summary>Field by field.</summary>
    Struct,

    /// <summary>Entry by entry.</summary>
    Map,

    /// <summary>Item by item; items are told apart by their value.</summary>
    Set,

    /// <summary>Item by item; items are told apart by their keys.</summary>
    KeyedList,
}

/// <summary>A place in an object's schema.</summary>
/// <param name="Field">The field; null for a list's item and a map's value.</param>
/// <param name="Type">What is there.</param>
internal readonly record struct SchemaNode(FieldSchema? Field, ValueSchema Type)
{
    /// <summary>Whether it is the whole of an object.</summary>
    public bool IsRoot { get; private init; }

    /// <summary>The whole of an object.</summary>
    public static SchemaNode Root(TypeSchema type) => new(null, ValueSchema.ObjectOf(() => type)) { IsRoot = true };

    /// <summary>How a value here is owned. What the schema does not know is told by what it is: objects by their fields, lists as one.</summary>
    public ValueShape ShapeOf(JsonNode? value) => Type.Kind switch
    {
        ValueKind.Object when Field?.IsAtomicMap != true && Type.Object is { IsAtomicMap: false } => ValueShape.Struct,
        ValueKind.Map when Field?.IsAtomicMap != true => ValueShape.Map,
        ValueKind.List when Field?.ListType == ListType.Set => ValueShape.Set,
        ValueKind.List when Field?.ListType == ListType.Map => ValueShape.KeyedList,
        ValueKind.Any when Field?.IsAtomicMap != true && value is JsonObject => ValueShape.Map,
        _ => ValueShape.Leaf,
    };

    /// <summary>The place of a field or a map's entry.</summary>
    public SchemaNode Child(string name) => Type.Kind switch
    {
        ValueKind.Object => Type.Object!.Find(name) is { } field ? new SchemaNode(field, field.Type) : new SchemaNode(null, ValueSchema.Any),
        ValueKind.Map => new SchemaNode(null, Type.Item!),
        _ => new SchemaNode(null, ValueSchema.Any),
    };

    /// <summary>The path element of a field or a map's entry, whose place is known.</summary>
    public static string ElementOf(string name, SchemaNode child) => child.Field?.PathElement ?? PathElement.Field(name);

    /// <summary>The place of a list's items.</summary>
    public SchemaNode Item => new(null, Type.Item ?? ValueSchema.Any);

    /// <summary>Whether the schema names the field.</summary>
    public bool Knows(string name) => Type.Kind == ValueKind.Object && Type.Object!.Find(name) is not null;

    /// <summary>The path element of a list's item.</summary>
    /// <exception cref="OwnershipException">It has not the keys that tell it apart.</exception>
    public string ElementOf(ValueShape shape, JsonNode? item)
    {
        if (shape == ValueShape.Set)
        {
            return PathElement.Value(item);
        }
        return PathElement.Key(Field!.OrderedMapKeys, item, Item.Type.Object);
    }
}
