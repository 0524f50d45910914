using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Patching;

/// <summary>
/// The order of merged lists: what the patch lists comes in the patch's order, what only the server has stays where it is relative to its
/// neighbours, and <c>$setElementOrder/field</c> overrules the order of the patch's list.
/// </summary>
internal static class ElementOrderMerge
{
    /// <summary>Merges the lists whose order the patch sets, and takes them and the directives out of the patch.</summary>
    internal static void Apply(JsonObject original, JsonObject patch, ValueSchema schema)
    {
        foreach (var (key, value) in patch.ToArray())
        {
            if (!key.StartsWith(StrategicMergePatch.ElementOrder, StringComparison.Ordinal))
            {
                continue;
            }
            patch.Remove(key);
            if (value is not JsonArray order)
            {
                throw new PatchException(PatchFailure.Malformed, "invalid patch format of setElementOrder list");
            }
            MergeOrdered(original, patch, key[StrategicMergePatch.ElementOrder.Length..], StrategicListMerge.Take(order), schema);
        }
    }

    /// <summary>Puts a merged list in order.</summary>
    /// <param name="merged">The merged items.</param>
    /// <param name="order">What sets the order: the patch's items, or those of the directive.</param>
    /// <param name="live">The items as they were.</param>
    /// <param name="key">The merge key; empty for scalars.</param>
    internal static List<JsonNode?> Order(List<JsonNode?> merged, List<JsonNode?> order, List<JsonNode?> live, string key)
    {
        var patched = new List<(JsonNode? Item, int Order)>();
        var serverOnly = new List<JsonNode?>();
        foreach (var item in merged)
        {
            var index = StrategicListMerge.IndexOf(order, key, Identity(item, key));
            if (index < 0)
            {
                serverOnly.Add(item);
            }
            else
            {
                patched.Add((item, index));
            }
        }
        var inOrder = patched.OrderBy(entry => entry.Order).Select(entry => entry.Item).ToList();
        return Interleave(inOrder, serverOnly, live, key);
    }

    private static JsonNode? Identity(JsonNode? item, string key) => key.Length == 0 ? item : StrategicListMerge.KeyOf(item, key);

    /// <summary>Merges two ordered lists; an item that only the server has goes before a patched one if it did in the live list.</summary>
    private static List<JsonNode?> Interleave(List<JsonNode?> patched, List<JsonNode?> serverOnly, List<JsonNode?> live, string key)
    {
        var result = new List<JsonNode?>(patched.Count + serverOnly.Count);
        var (left, right) = (0, 0);
        while (left < serverOnly.Count && right < patched.Count)
        {
            var serverIndex = StrategicListMerge.IndexOf(live, key, Identity(serverOnly[left], key));
            var patchedIndex = StrategicListMerge.IndexOf(live, key, Identity(patched[right], key));
            var serverFirst = serverIndex >= 0 && patchedIndex >= 0 && serverIndex < patchedIndex;
            result.Add(serverFirst ? serverOnly[left++] : patched[right++]);
        }
        result.AddRange(serverOnly.Skip(left));
        result.AddRange(patched.Skip(right));
        return result;
    }

    private static void MergeOrdered(JsonObject original, JsonObject patch, string name, List<JsonNode?> order, ValueSchema schema)
    {
        original.TryGetPropertyValue(name, out var originalNode);
        patch.TryGetPropertyValue(name, out var patchNode);
        if ((originalNode is not null and not JsonArray) || (patchNode is not null and not JsonArray))
        {
            throw new PatchException(PatchFailure.Malformed, $"expected a list in {name}");
        }
        var field = StrategicMergePatch.Field(schema, name);
        if (patchNode is JsonArray patchList)
        {
            Check(patchList, order, field.PatchMergeKey);
        }
        patch.Remove(name);
        original.Remove(name);
        if (originalNode is null && patchNode is null)
        {
            return;
        }
        List<JsonNode?> live = originalNode is JsonArray list ? [.. list.Select(item => item?.DeepClone())] : [];
        var merged = (originalNode, patchNode) switch
        {
            (JsonArray only, null) => only,
            (JsonArray both, JsonArray added) => StrategicListMerge.Merge(both, added, field, deletes: false),
            _ => (JsonArray)patchNode!,
        };
        original[name] = StrategicListMerge.ToArray(Order(StrategicListMerge.Take(merged), order, live, field.PatchMergeKey));
    }

    /// <summary>The items of the patch have to be among those of the order, and in that order.</summary>
    private static void Check(JsonArray patch, List<JsonNode?> order, string key)
    {
        if (order.Count == 0)
        {
            return;
        }
        var next = 0;
        foreach (var item in patch)
        {
            if (item is JsonObject map && map.ContainsKey(StrategicMergePatch.Directive))
            {
                continue;
            }
            var value = Identity(item, key);
            while (next < order.Count && !JsonValues.Same(Identity(order[next], key), value))
            {
                next++;
            }
            if (next++ >= order.Count)
            {
                throw new PatchException(
                    PatchFailure.Malformed,
                    $"The order in patch list:\n{patch.ToJsonString()}\n doesn't match $setElementOrder list:\n{StrategicListMerge.ToArray([.. order.Select(entry => entry?.DeepClone())]).ToJsonString()}\n");
            }
        }
    }
}
