using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Ownership;

/// <summary>In which fields one object differs from another.</summary>
/// <param name="Added">Those that only the later one has.</param>
/// <param name="Modified">Those that are other in the later one.</param>
/// <param name="Removed">Those that only the earlier one has.</param>
public readonly record struct FieldComparison(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    private static readonly FieldComparison None = new(FieldSet.Empty, FieldSet.Empty, FieldSet.Empty);

    /// <summary>Whether they do not differ.</summary>
    public bool IsEmpty => Added.IsEmpty && Modified.IsEmpty && Removed.IsEmpty;

    /// <summary>What somebody wrote by making the later of the earlier.</summary>
    public FieldSet Changed => Added.Union(Modified);

    /// <summary>Compares two objects.</summary>
    /// <param name="before">The earlier one.</param>
    /// <param name="after">The later one.</param>
    /// <param name="schema">Their type.</param>
    /// <param name="except">Fields that are not looked into.</param>
    /// <param name="parts">Those fields of the whole object in which they can differ; null for any.</param>
    /// <exception cref="OwnershipException">A list's items cannot be told apart.</exception>
    public static FieldComparison Of(JsonObject before, JsonObject after, TypeSchema schema, FieldSet except, IReadOnlySet<string>? parts) =>
        Compare(SchemaNode.Root(schema), before, after, except, parts);

    private static FieldComparison Compare(SchemaNode node, JsonNode? before, JsonNode? after, FieldSet except, IReadOnlySet<string>? parts = null)
    {
        if (before is null || after is null)
        {
            return before is not null ? None with { Removed = AllOf(node, before, except) } : after is not null ? None with { Added = AllOf(node, after, except) } : None;
        }
        var shape = node.ShapeOf(after);
        // The bytes of parts that nobody has looked into tell most of it; trees are compared where they end. The object and its metadata have been looked into.
        if (shape == ValueShape.Leaf ? ModelJson.Same(before, after) : !IsLookedInto(node) && ModelJson.SameText(before, after))
        {
            return None;
        }
        // The one empty, the other missing: that can be told of nothing but the value as one.
        if (shape == ValueShape.Leaf || (IsEmptyOrMissing(before) && IsEmptyOrMissing(after)) || !IsFitting(shape, before) || !IsFitting(shape, after))
        {
            return None with { Modified = FieldSet.Self };
        }
        List<KeyValuePair<string, FieldSet>>? added = null, modified = null, removed = null;
        foreach (var (element, place, earlier, later) in Pairs(node, shape, before, after))
        {
            var exceptInside = except.Under(element);
            if (exceptInside.IsMember || (parts is not null && !parts.Contains(place.Field?.Name ?? "")))
            {
                continue;
            }
            var child = Compare(place, earlier, later, exceptInside);
            Put(ref added, element, child.Added);
            Put(ref modified, element, child.Modified);
            Put(ref removed, element, child.Removed);
        }
        return new FieldComparison(FieldSet.Of(false, added), FieldSet.Of(false, modified), FieldSet.Of(false, removed));
    }

    /// <summary>The fields of what comes or goes as a whole.</summary>
    private static FieldSet AllOf(SchemaNode node, JsonNode value, FieldSet except)
    {
        var shape = node.ShapeOf(value);
        if (shape == ValueShape.Leaf || IsEmptyOrMissing(value) || !IsFitting(shape, value))
        {
            return FieldSet.Self;
        }
        List<KeyValuePair<string, FieldSet>>? children = null;
        if (value is JsonObject fields)
        {
            foreach (var (name, field) in fields)
            {
                var place = node.Child(name);
                var element = SchemaNode.ElementOf(name, place);
                var exceptInside = except.Under(element);
                if (field is not null && !exceptInside.IsMember)
                {
                    Put(ref children, element, AllOf(place, field, exceptInside));
                }
            }
        }
        else
        {
            foreach (var (element, item) in Index(node, shape, value))
            {
                var exceptInside = except.Under(element);
                if (item is not null && !exceptInside.IsMember)
                {
                    Put(ref children, element, AllOf(node.Item, item, exceptInside));
                }
            }
        }
        // A map or an item comes and goes as such; an object's field is there because of what is in it.
        return FieldSet.Of(shape != ValueShape.Struct || node.Field is null, children);
    }

    private static bool IsLookedInto(SchemaNode node) => node.IsRoot || node.Field?.Name == "metadata";

    private static bool IsEmptyOrMissing(JsonNode? value) => value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 };

    private static bool IsFitting(ValueShape shape, JsonNode? value) =>
        value is null || (shape is ValueShape.Struct or ValueShape.Map ? value is JsonObject : value is JsonArray);

    private static IEnumerable<(string Element, SchemaNode Place, JsonNode? Before, JsonNode? After)> Pairs(SchemaNode node, ValueShape shape, JsonNode? before, JsonNode? after)
    {
        if (shape is ValueShape.Struct or ValueShape.Map)
        {
            var (earlier, later) = (before as JsonObject ?? [], after as JsonObject ?? []);
            foreach (var (name, value) in earlier)
            {
                var place = node.Child(name);
                yield return (SchemaNode.ElementOf(name, place), place, value, later[name]);
            }
            foreach (var (name, value) in later)
            {
                if (!earlier.ContainsKey(name))
                {
                    var place = node.Child(name);
                    yield return (SchemaNode.ElementOf(name, place), place, null, value);
                }
            }
            yield break;
        }
        var (first, second) = (Index(node, shape, before), Index(node, shape, after));
        foreach (var (element, item) in first)
        {
            yield return (element, node.Item, item, second.GetValueOrDefault(element));
        }
        foreach (var (element, item) in second)
        {
            if (!first.ContainsKey(element))
            {
                yield return (element, node.Item, null, item);
            }
        }
    }

    // Of items with the same keys, which lists that nobody applied may have, the last one counts.
    private static Dictionary<string, JsonNode?> Index(SchemaNode node, ValueShape shape, JsonNode? list)
    {
        var index = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in list as JsonArray ?? [])
        {
            index[node.ElementOf(shape, item)] = item;
        }
        return index;
    }

    private static void Put(ref List<KeyValuePair<string, FieldSet>>? children, string element, FieldSet set)
    {
        if (!set.IsEmpty)
        {
            (children ??= []).Add(KeyValuePair.Create(element, set));
        }
    }
}
