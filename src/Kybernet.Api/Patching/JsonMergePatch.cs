using System.Text.Json.Nodes;

namespace Kybernet.Api.Patching;

/// <summary>Patches of the type <c>application/merge-patch+json</c>, RFC 7386.</summary>
public static class JsonMergePatch
{
    /// <summary>Applies a patch.</summary>
    /// <param name="target">What is patched; not changed.</param>
    /// <param name="patch">The patch; not changed.</param>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject fields)
        {
            return patch?.DeepClone();
        }
        var result = target is JsonObject original ? (JsonObject)original.DeepClone() : [];
        Merge(result, fields);
        return result;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is not JsonObject inner)
            {
                target[name] = value.DeepClone();
            }
            else if (target[name] is JsonObject existing)
            {
                Merge(existing, inner);
            }
            else
            {
                // Nulls inside a new object name what need not be there.
                var added = new JsonObject();
                Merge(added, inner);
                target[name] = added;
            }
        }
    }
}
