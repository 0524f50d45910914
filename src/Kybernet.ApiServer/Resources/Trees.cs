using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Resources;

/// <summary>Short words for looking into a tree and filling what is absent.</summary>
internal static class Trees
{
    /// <summary>An object's field that is an object; null where it is none.</summary>
    public static JsonObject? Object(this JsonObject tree, string field) => tree[field] as JsonObject;

    /// <summary>An object's field that is an object, made where it is absent.</summary>
    public static JsonObject EnsureObject(this JsonObject tree, string field)
    {
        if (tree[field] is JsonObject child)
        {
            return child;
        }
        child = new JsonObject();
        tree[field] = child;
        return child;
    }

    /// <summary>An object's field that is a list; null where it is none.</summary>
    public static JsonArray? Array(this JsonObject tree, string field) => tree[field] as JsonArray;

    /// <summary>The objects in a list field; none where there is no list.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonObject tree, string field) =>
        tree[field] is JsonArray list ? list.OfType<JsonObject>() : [];

    /// <summary>A field's text; null where it is none.</summary>
    public static string? Text(this JsonObject tree, string field) =>
        tree[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Whether a field is <c>true</c>.</summary>
    public static bool IsTrue(this JsonObject tree, string field) => tree[field] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>A field's whole number; null where it is none.</summary>
    public static long? Number(this JsonObject tree, string field) => tree[field] switch
    {
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        JsonValue value when value.TryGetValue<int>(out var number) => number, // set by code, not read from text
        _ => null,
    };

    /// <summary>Whether a field is absent, null or an empty text.</summary>
    public static bool Lacks(this JsonObject tree, string field) =>
        tree[field] is not { } node || (node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length == 0);

    /// <summary>Sets a text where there is none.</summary>
    public static void Fill(this JsonObject tree, string field, string value)
    {
        if (tree.Lacks(field))
        {
            tree[field] = JsonValue.Create(value);
        }
    }

    /// <summary>Sets a number where there is none.</summary>
    public static void Fill(this JsonObject tree, string field, long value)
    {
        if (tree[field] is null)
        {
            tree[field] = JsonValue.Create(value);
        }
    }

    /// <summary>Sets a truth value where there is none.</summary>
    public static void Fill(this JsonObject tree, string field, bool value)
    {
        if (tree[field] is null)
        {
            tree[field] = JsonValue.Create(value);
        }
    }

    /// <summary>Makes a field what it was.</summary>
    public static void Restore(this JsonObject tree, JsonObject previous, string field)
    {
        if (previous[field] is { } old)
        {
            tree[field] = old.DeepClone();
        }
        else
        {
            tree.Remove(field);
        }
    }
}
