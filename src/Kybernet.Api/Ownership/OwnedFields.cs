using System.Text.Json.Nodes;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Ownership;

/// <summary>Relates objects and sets of their fields (KEP-555; lists and maps as their schema says they are owned).</summary>
public static class OwnedFields
{
    /// <summary>The fields that whoever wants an object to be so has an opinion of: its leaves, and the items of its lists.</summary>
    /// <param name="item">The object.</param>
    /// <param name="schema">Its type.</param>
    /// <param name="isStrict">Whether items with the same keys are an error; otherwise they count as one.</param>
    /// <exception cref="OwnershipException">A list's items cannot be told apart.</exception>
    public static FieldSet Of(JsonObject item, TypeSchema schema, bool isStrict = false) => Of(SchemaNode.Root(schema), item, isStrict);

    /// <summary>The set, with each field that the schema names and of which something belongs to it.</summary>
    public static FieldSet WithNamedFields(FieldSet set, TypeSchema schema) => WithNamedFields(set, SchemaNode.Root(schema));

    /// <summary>A copy of the object without some fields; what is left empty by that goes too.</summary>
    public static JsonObject Remove(JsonObject item, FieldSet fields, TypeSchema schema) =>
        Remove(SchemaNode.Root(schema), item, fields) as JsonObject ?? [];

    private static FieldSet Of(SchemaNode node, JsonNode? value, bool isStrict)
    {
        var children = new List<KeyValuePair<string, FieldSet>>();
        switch (node.ShapeOf(value))
        {
            case ValueShape.Struct or ValueShape.Map when value is JsonObject fields:
                foreach (var (name, field) in fields)
                {
                    var set = Of(node.Child(name), field, isStrict);
                    Add(children, PathElement.Field(name), field is null or JsonObject { Count: 0 } || !node.Knows(name) ? set.WithSelf() : set);
                }
                break;
            case ValueShape.Set or ValueShape.KeyedList when value is JsonArray items:
                var known = new HashSet<string>(StringComparer.Ordinal);
                foreach (var item in items)
                {
                    var element = node.ElementOf(node.ShapeOf(value), item);
                    if (known.Add(element))
                    {
                        Add(children, element, Of(node.Item, item, isStrict).WithSelf());
                    }
                    else if (isStrict)
                    {
                        throw new OwnershipException($"duplicate entries for key {PathElement.Describe(element)}");
                    }
                }
                break;
            case ValueShape.Leaf:
                return FieldSet.Self;
        }
        return FieldSet.Of(false, children);
    }

    private static void Add(List<KeyValuePair<string, FieldSet>> children, string element, FieldSet set)
    {
        if (!set.IsEmpty)
        {
            children.Add(KeyValuePair.Create(element, set));
        }
    }

    private static FieldSet WithNamedFields(FieldSet set, SchemaNode node)
    {
        if (set.Children.IsEmpty)
        {
            return set;
        }
        var children = new List<KeyValuePair<string, FieldSet>>(set.Children.Length);
        foreach (var (element, child) in set.Children)
        {
            var name = PathElement.FieldOf(element);
            var within = WithNamedFields(child, name is null ? node.Item : node.Child(name));
            children.Add(KeyValuePair.Create(element, name is not null && node.Knows(name) ? within.WithSelf() : within));
        }
        return FieldSet.Of(set.IsMember, children);
    }

    private static JsonNode? Remove(SchemaNode node, JsonNode? value, FieldSet fields)
    {
        var shape = node.ShapeOf(value);
        if (shape is ValueShape.Struct or ValueShape.Map && value is JsonObject item)
        {
            var left = new JsonObject();
            foreach (var (name, field) in item)
            {
                var removed = fields.Under(PathElement.Field(name));
                if (!removed.IsMember && Keep(node.Child(name), field, removed, out var kept))
                {
                    left[name] = kept;
                }
            }
            return left.Count == 0 ? null : left;
        }
        if (shape is ValueShape.Set or ValueShape.KeyedList && value is JsonArray items)
        {
            var left = new JsonArray();
            foreach (var entry in items)
            {
                var removed = fields.Under(node.ElementOf(shape, entry));
                if (!removed.IsMember && Keep(node.Item, entry, removed, out var kept))
                {
                    left.Add(kept);
                }
            }
            return left.Count == 0 ? null : left;
        }
        return value?.DeepClone();
    }

    // What nothing is removed from stays as it is, empty or not.
    private static bool Keep(SchemaNode node, JsonNode? value, FieldSet removed, out JsonNode? kept)
    {
        kept = removed.IsEmpty ? value?.DeepClone() : Remove(node, value, removed);
        return removed.IsEmpty || kept is not null;
    }
}
