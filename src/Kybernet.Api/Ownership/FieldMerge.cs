using System.Text.Json.Nodes;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Ownership;

/// <summary>Merges what an applier wants into an object as it is (KEP-555).</summary>
public static class FieldMerge
{
    /// <summary>The object with all that the configuration says; what it does not say stays.</summary>
    /// <exception cref="OwnershipException">A list's items cannot be told apart.</exception>
    public static JsonObject Merge(JsonObject live, JsonObject configuration, TypeSchema schema) => Merge(SchemaNode.Root(schema), live, configuration)!.AsObject();

    private static JsonNode? Merge(SchemaNode node, JsonNode? live, JsonNode? wanted)
    {
        var shape = node.ShapeOf(wanted);
        return (shape, live, wanted) switch
        {
            (ValueShape.Struct or ValueShape.Map, JsonObject left, JsonObject right) => MergeFields(node, left, right),
            (ValueShape.Set or ValueShape.KeyedList, JsonArray left, JsonArray right) => MergeItems(node, shape, left, right),
            _ => wanted?.DeepClone(),
        };
    }

    private static JsonObject MergeFields(SchemaNode node, JsonObject live, JsonObject wanted)
    {
        var merged = new JsonObject();
        foreach (var (name, value) in live)
        {
            merged[name] = wanted.TryGetPropertyValue(name, out var own) ? Merge(node.Child(name), value, own) : value?.DeepClone();
        }
        foreach (var (name, value) in wanted)
        {
            if (!live.ContainsKey(name))
            {
                merged[name] = value?.DeepClone();
            }
        }
        return merged;
    }

    /// <summary>The configuration's items are in its order; each item that it does not name comes after the one that it came after.</summary>
    private static JsonArray MergeItems(SchemaNode node, ValueShape shape, JsonArray live, JsonArray wanted)
    {
        var named = wanted.Select(item => node.ElementOf(shape, item)).ToHashSet(StringComparer.Ordinal);
        var known = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        var others = new Dictionary<string, List<JsonNode?>>(StringComparer.Ordinal);
        var after = "";
        foreach (var item in live)
        {
            var element = node.ElementOf(shape, item);
            if (named.Contains(element))
            {
                known[element] = item;
                after = element;
            }
            else if (others.TryGetValue(after, out var following))
            {
                following.Add(item);
            }
            else
            {
                others[after] = [item];
            }
        }
        var merged = new JsonArray();
        AddAll(others.GetValueOrDefault(""));
        foreach (var item in wanted)
        {
            var element = node.ElementOf(shape, item);
            merged.Add(known.TryGetValue(element, out var own) ? Merge(node.Item, own, item) : item?.DeepClone());
            AddAll(others.GetValueOrDefault(element));
        }
        return merged;

        void AddAll(List<JsonNode?>? items)
        {
            foreach (var item in items ?? [])
            {
                merged.Add(item?.DeepClone());
            }
        }
    }
}
