using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Patching;

/// <summary>
/// Patches of the type <c>application/strategic-merge-patch+json</c>: like a merge patch, but lists are merged by the keys that the schema
/// names, and directives in the patch (<c>$patch</c>, <c>$retainKeys</c>, <c>$setElementOrder/..</c>, <c>$deleteFromPrimitiveList/..</c>) say
/// what plain JSON cannot.
/// </summary>
public static class StrategicMergePatch
{
    internal const string Directive = "$patch";
    internal const string RetainKeys = "$retainKeys";
    internal const string ElementOrder = "$setElementOrder/";
    internal const string DeleteFromList = "$deleteFromPrimitiveList/";

    /// <summary>Applies a patch.</summary>
    /// <param name="target">What is patched; not changed.</param>
    /// <param name="patch">The patch; not changed.</param>
    /// <param name="type">The target's type.</param>
    /// <exception cref="PatchException">The patch is malformed, or does not fit the target.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, TypeSchema type) =>
        MergeObject((JsonObject)target.DeepClone(), (JsonObject)patch.DeepClone(), ValueSchema.ObjectOf(() => type));

    /// <summary>Merges a patch into an object; both are used up.</summary>
    internal static JsonObject MergeObject(JsonObject original, JsonObject patch, ValueSchema schema)
    {
        if (patch.TryGetPropertyValue(Directive, out var directive))
        {
            switch (JsonValues.String(directive))
            {
                case "replace":
                    patch.Remove(Directive);
                    return patch;
                case "delete":
                    return [];
                default:
                    throw BadDirective(directive, patch);
            }
        }
        KeepOnlyRetained(original, patch);
        ElementOrderMerge.Apply(original, patch, schema);
        foreach (var (key, value) in patch.ToArray())
        {
            MergeField(original, key, value, schema);
        }
        return original;
    }

    /// <summary>The field of an object or the entries of a map.</summary>
    /// <exception cref="PatchException">The type has no such field.</exception>
    internal static FieldSchema Field(ValueSchema schema, string name)
    {
        if (schema is { Kind: ValueKind.Map, Item: { } item })
        {
            return new FieldSchema(name, item);
        }
        if (schema.Kind == ValueKind.Any || schema.Object is { PreservesUnknownFields: true } open && open.Find(name) is null)
        {
            return new FieldSchema(name, ValueSchema.Any);
        }
        return schema.Object?.Find(name)
            ?? throw new PatchException(PatchFailure.NotApplicable, $"unable to find api field in struct {schema.Object?.ShortName ?? schema.ToString()} for the json field \"{name}\"");
    }

    internal static PatchException BadDirective(JsonNode? directive, JsonNode patch) =>
        new(PatchFailure.Malformed, $"unknown patch type: {JsonValues.Text(directive)} in map: {patch.ToJsonString()}");

    private static void MergeField(JsonObject original, string key, JsonNode? value, ValueSchema schema)
    {
        var deletes = key.StartsWith(DeleteFromList, StringComparison.Ordinal);
        var name = deletes ? key[DeleteFromList.Length..] : key;
        if (value is null)
        {
            original.Remove(name);
            return;
        }
        value.Parent!.AsObject().Remove(key);
        if (!original.TryGetPropertyValue(name, out var current))
        {
            if (!deletes && WithoutDirectives(value))
            {
                original[name] = value;
            }
            return;
        }
        switch (current, value)
        {
            case (JsonObject inner, JsonObject patch):
                var objectField = Field(schema, name);
                original.Remove(name);
                original[name] = (objectField.PatchStrategies & PatchStrategies.Replace) != 0 ? patch : MergeObject(inner, patch, objectField.Type);
                break;
            case (JsonArray list, JsonArray patch):
                original[name] = StrategicListMerge.Merge(list, patch, Field(schema, name), deletes);
                break;
            default:
                original[name] = value;
                break;
        }
    }

    /// <summary>Takes what says how to merge out of what there is nothing to merge with.</summary>
    /// <returns>Whether anything is left: a value that says what is to be done with it is none itself.</returns>
    private static bool WithoutDirectives(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject fields when fields.ContainsKey(Directive):
                return false;
            case JsonObject fields:
                foreach (var (name, _) in fields.Where(static field => !WithoutDirectives(field.Value)).ToArray())
                {
                    fields.Remove(name);
                }
                return true;
            case JsonArray list:
                for (var i = list.Count - 1; i >= 0; i--)
                {
                    if (!WithoutDirectives(list[i]))
                    {
                        list.RemoveAt(i);
                    }
                }
                return true;
            default:
                return true;
        }
    }

    private static void KeepOnlyRetained(JsonObject original, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeys, out var directive))
        {
            return;
        }
        patch.Remove(RetainKeys);
        if (directive is not JsonArray list)
        {
            throw new PatchException(PatchFailure.Malformed, "invalid patch format of retainKeys");
        }
        var retained = list.Select(item => JsonValues.Text(item)).ToHashSet(StringComparer.Ordinal);
        foreach (var (key, value) in patch)
        {
            if (value is not null && !retained.Contains(key) && !key.StartsWith(DeleteFromList, StringComparison.Ordinal)
                && !key.StartsWith(ElementOrder, StringComparison.Ordinal))
            {
                throw new PatchException(PatchFailure.Malformed, "invalid patch format of retainKeys");
            }
        }
        foreach (var key in original.Select(field => field.Key).ToArray())
        {
            if (!retained.Contains(key))
            {
                original.Remove(key);
            }
        }
    }
}
