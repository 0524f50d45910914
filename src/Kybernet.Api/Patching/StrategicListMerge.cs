using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Patching;

/// <summary>Merges lists for a strategic merge patch: objects by their key, scalars as a set, anything else whole.</summary>
internal static class StrategicListMerge
{
    /// <summary>Merges a field's lists; both are used up.</summary>
    /// <param name="original">The list as it is.</param>
    /// <param name="patch">The patch's list.</param>
    /// <param name="field">The field.</param>
    /// <param name="deletes">Whether the patch lists scalars to take out.</param>
    internal static JsonArray Merge(JsonArray original, JsonArray patch, FieldSchema field, bool deletes)
    {
        if ((field.PatchStrategies & PatchStrategies.Merge) == 0)
        {
            return patch;
        }
        if (original.Count == 0 && patch.Count == 0)
        {
            return [];
        }
        var originalItems = Take(original);
        var patchItems = Take(patch);
        if (!AreObjects(originalItems, patchItems))
        {
            return ToArray(MergeScalars(originalItems, patchItems, deletes));
        }
        var key = field.PatchMergeKey;
        if (key.Length == 0)
        {
            throw new PatchException(PatchFailure.NotApplicable, "cannot merge lists without merge key for type struct");
        }
        (originalItems, patchItems) = Directives(originalItems, patchItems, key);
        var merged = MergeByKey([.. originalItems], patchItems, key, field.Type.Item ?? ValueSchema.Any);
        return ToArray(ElementOrderMerge.Order(merged, patchItems, originalItems, key));
    }

    /// <summary>Takes a list's items out of it, so that they may be put elsewhere.</summary>
    internal static List<JsonNode?> Take(JsonArray list)
    {
        var items = new List<JsonNode?>(list);
        list.Clear();
        return items;
    }

    internal static JsonArray ToArray(List<JsonNode?> items) => new([.. items]);

    /// <summary>The value of an item's merge key.</summary>
    internal static JsonNode? KeyOf(JsonNode? item, string key)
    {
        if (item is not JsonObject map)
        {
            throw new PatchException(PatchFailure.Malformed, $"expected a map, found {JsonValues.Text(item)}");
        }
        return map.TryGetPropertyValue(key, out var value)
            ? value
            : throw new PatchException(PatchFailure.Malformed, $"map: {map.ToJsonString()} does not contain declared merge key: {key}");
    }

    /// <summary>Where the item with a key's value is; -1 where there is none. Without a key the item itself is looked for.</summary>
    internal static int IndexOf(List<JsonNode?> items, string key, JsonNode? value)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (key.Length == 0
                ? JsonValues.Same(items[i], value)
                : items[i] is JsonObject map && map.TryGetPropertyValue(key, out var itemKey) && JsonValues.Same(itemKey, value))
            {
                return i;
            }
        }
        return -1;
    }

    private static bool AreObjects(List<JsonNode?> original, List<JsonNode?> patch)
    {
        bool? objects = null;
        foreach (var item in original.Concat(patch))
        {
            if (item is JsonArray)
            {
                throw new PatchException(PatchFailure.NotApplicable, "lists of lists are not supported");
            }
            if (objects is { } known && known != item is JsonObject)
            {
                throw new PatchException(PatchFailure.NotApplicable, $"list element types are not identical: {JsonValues.Text(item)}");
            }
            objects = item is JsonObject;
        }
        return objects ?? false;
    }

    private static List<JsonNode?> MergeScalars(List<JsonNode?> original, List<JsonNode?> patch, bool deletes)
    {
        if (deletes)
        {
            return original.FindAll(item => IndexOf(patch, "", item) < 0);
        }
        var merged = new List<JsonNode?>();
        foreach (var item in original.Concat(patch))
        {
            if (IndexOf(merged, "", item) < 0)
            {
                merged.Add(item);
            }
        }
        return ElementOrderMerge.Order(merged, patch, original, "");
    }

    /// <summary>Carries out the items of the patch that say what to do with the list, and leaves those that are to be merged.</summary>
    private static (List<JsonNode?> Original, List<JsonNode?> Patch) Directives(List<JsonNode?> original, List<JsonNode?> patch, string key)
    {
        var plain = new List<JsonNode?>();
        var replace = false;
        foreach (var item in patch)
        {
            var map = item!.AsObject();
            if (!map.TryGetPropertyValue(StrategicMergePatch.Directive, out var directive))
            {
                plain.Add(item);
                continue;
            }
            switch (JsonValues.String(directive))
            {
                case "delete":
                    var value = KeyOf(item, key);
                    original.RemoveAll(existing => existing is JsonObject other && other.TryGetPropertyValue(key, out var otherKey) && JsonValues.Same(otherKey, value));
                    break;
                case "replace":
                    replace = true;
                    break;
                case "merge":
                    throw new PatchException(PatchFailure.Malformed, "merging lists cannot yet be specified in the patch");
                default:
                    throw StrategicMergePatch.BadDirective(directive, map);
            }
        }
        return replace ? (plain, []) : (original, plain);
    }

    private static List<JsonNode?> MergeByKey(List<JsonNode?> merged, List<JsonNode?> patch, string key, ValueSchema item)
    {
        foreach (var patchItem in patch)
        {
            var index = IndexOf(merged, key, KeyOf(patchItem, key));
            if (index < 0)
            {
                merged.Add(patchItem);
                continue;
            }
            // The patch keeps its item: the order is decided by its keys later.
            merged[index] = StrategicMergePatch.MergeObject(merged[index]!.AsObject(), (JsonObject)patchItem!.DeepClone(), item);
        }
        return merged;
    }
}
