using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.Api.Patching;

/// <summary>Patches of the type <c>application/json-patch+json</c>, RFC 6902. All operations apply, or none.</summary>
public static class JsonPatch
{
    /// <summary>More operations than this no patch may have.</summary>
    public const int MaxOperations = 10_000;

    // As much as all copies of a patch may come to: a few copies of copies would else fill the memory.
    private const long MaxCopiedBytes = 3 * 1024 * 1024;

    /// <summary>Applies a patch.</summary>
    /// <param name="target">What is patched; not changed.</param>
    /// <param name="patch">The operations; not changed.</param>
    /// <exception cref="PatchException">The patch is malformed, or does not apply.</exception>
    public static JsonNode? Apply(JsonNode target, JsonNode? patch)
    {
        if (patch is not JsonArray operations)
        {
            throw new PatchException(PatchFailure.Malformed, "error decoding patch: a JSON patch is a list of operations");
        }
        if (operations.Count > MaxOperations)
        {
            throw new PatchException(
                PatchFailure.TooLarge, $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {operations.Count}");
        }
        var document = target.DeepClone();
        var copied = 0L;
        foreach (var operation in operations)
        {
            document = Run(document, Operation.Read(operation), ref copied);
        }
        return document;
    }

    private static JsonNode? Run(JsonNode? document, Operation operation, ref long copied)
    {
        switch (operation.Kind)
        {
            case "add":
                return Add(document, operation.Path, operation.TakeValue(), $"add operation does not apply: doc is missing path: \"{operation.Path}\"", "add");
            case "remove":
                Place(document, operation.Path, $"remove operation does not apply: doc is missing path: \"{operation.Path}\"")
                    .Remove($"error in remove for path: '{operation.Path}'");
                return document;
            case "replace":
                return Replace(document, operation);
            case "move":
                if (operation.From.Length == 0)
                {
                    throw NotApplicable("unable to move entire document to another path: invalid state detected");
                }
                var from = Place(document, operation.From, $"move operation does not apply: doc is missing from path: {operation.From}");
                var moved = from.Get($"error in move for path: '{from.Key}'");
                from.Remove($"error in move for path: '{from.Key}'");
                return Add(document, operation.Path, moved, $"move operation does not apply: doc is missing destination path: {operation.Path}", "move");
            case "copy":
                return Copy(document, operation, ref copied);
            default:
                Test(document, operation);
                return document;
        }
    }

    private static JsonNode? Add(JsonNode? document, string path, JsonNode? value, string missing, string kind)
    {
        if (path.Length == 0)
        {
            return value;
        }
        Place(document, path, missing).Add(value, $"error in {kind} for path: '{path}'");
        return document;
    }

    private static JsonNode? Replace(JsonNode? document, Operation operation)
    {
        if (operation.Path.Length == 0)
        {
            return operation.TakeValue();
        }
        var place = Place(document, operation.Path, $"replace operation does not apply: doc is missing path: {operation.Path}");
        if (!place.Exists)
        {
            throw NotApplicable($"replace operation does not apply: doc is missing key: {operation.Path}: missing value");
        }
        place.Set(operation.TakeValue());
        return document;
    }

    private static JsonNode? Copy(JsonNode? document, Operation operation, ref long copied)
    {
        var value = operation.From.Length == 0
            ? document
            : Place(document, operation.From, $"copy operation does not apply: doc is missing from path: \"{operation.From}\"")
                .Get($"error in copy for from: '{operation.From}'");
        if (value is not null)
        {
            copied += ModelJson.ToUtf8(value).Length;
        }
        if (copied > MaxCopiedBytes)
        {
            throw new PatchException(
                PatchFailure.TooLarge,
                $"Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit {MaxCopiedBytes}");
        }
        return Add(document, operation.Path, value?.DeepClone(), $"copy operation does not apply: doc is missing destination path: {operation.Path}", "copy");
    }

    private static void Test(JsonNode? document, Operation operation)
    {
        var value = document;
        if (operation.Path.Length > 0)
        {
            var place = Place(document, operation.Path, $"test operation does not apply: is missing path: {operation.Path}");
            // What is absent equals null.
            value = place.Exists || place.IsList ? place.Get($"error in test for path: '{operation.Path}'") : null;
        }
        if (!JsonValues.Same(value, operation.Value))
        {
            throw new PatchException(PatchFailure.TestFailed, $"testing value {operation.Path} failed: test failed");
        }
    }

    private static PatchException NotApplicable(string message) => new(PatchFailure.NotApplicable, message);

    private static JsonPlace Place(JsonNode? document, string path, string missing) =>
        JsonPlace.Find(document, path) ?? throw NotApplicable($"{missing}: missing value");

    /// <summary>One operation of a patch.</summary>
    private sealed record Operation(string Kind, string Path, string From, JsonNode? Value)
    {
        internal static Operation Read(JsonNode? node)
        {
            if (node is not JsonObject fields)
            {
                throw Invalid(node, "an operation is an object");
            }
            var kind = JsonValues.String(fields["op"]);
            if (kind is not ("add" or "remove" or "replace" or "move" or "copy" or "test"))
            {
                throw new PatchException(PatchFailure.Malformed, $"Unexpected kind: {kind ?? "unknown"}");
            }
            var path = JsonValues.String(fields["path"]) ?? throw Invalid(node, $"{kind} operation failed to decode path: missing value");
            var from = JsonValues.String(fields["from"]);
            if (from is null && kind is ("move" or "copy"))
            {
                throw Invalid(node, $"{kind} operation failed to decode from: missing value");
            }
            if (kind is ("add" or "replace") && !fields.ContainsKey("value"))
            {
                throw Invalid(node, "operation, missing value field: missing value");
            }
            return new Operation(kind, path, from ?? "", fields["value"]);
        }

        internal JsonNode? TakeValue() => Value?.DeepClone();

        private static PatchException Invalid(JsonNode? node, string message) =>
            new(PatchFailure.Malformed, node is null ? message : $"{message}: {node.ToJsonString()}");
    }
}
