using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Ownership;

namespace Kybernet.ApiServer.Rest.Ownership;

/// <summary>Reads and writes <c>metadata.managedFields</c> of a tree.</summary>
internal static class ManagedFields
{
    /// <summary>The field of metadata.</summary>
    public const string Field = "managedFields";

    private const string FieldsType = "FieldsV1";
    private const int MaxUpdateEntries = 10;
    private const string MergedManager = "ancient-changes";

    /// <summary>What metadata says; empty where it says nothing, or nothing that can be understood.</summary>
    public static IReadOnlyList<ManagedEntry> Read(JsonObject metadata)
    {
        if (metadata[Field] is not JsonArray { Count: > 0 } list)
        {
            return [];
        }
        try
        {
            return [.. list.Select(static item => Read(item))];
        }
        catch (FormatException)
        {
            return []; // as if nobody had been noted: a client wrote it
        }
    }

    /// <summary>Whether a client asks for nobody to have any fields: by one empty entry.</summary>
    public static bool IsReset(JsonObject metadata) => metadata[Field] is JsonArray { Count: 1 } list && list[0] is JsonObject { Count: 0 };

    /// <summary>Replaces what metadata says.</summary>
    public static void Write(JsonObject metadata, IReadOnlyList<ManagedEntry> entries)
    {
        metadata.Remove(Field);
        if (entries.Count > 0)
        {
            metadata[Field] = new JsonArray([.. entries.Order(Order).Select(static entry => Write(entry))]);
        }
    }

    /// <summary>Takes over what another object's metadata says.</summary>
    public static void Restore(JsonObject metadata, JsonObject from) => MetadataTree.Restore(metadata, from, Field);

    /// <summary>Merges the oldest writers but appliers where there are too many: a program with a new name for each start would grow the object without end.</summary>
    public static IReadOnlyList<ManagedEntry> Cap(IReadOnlyList<ManagedEntry> entries)
    {
        var updates = entries.Where(static entry => entry.Operation == ManagedEntry.Update && entry.Subresource.Length == 0).Order(Order).ToList();
        if (updates.Count <= MaxUpdateEntries)
        {
            return entries;
        }
        var oldest = updates.Take(updates.Count - MaxUpdateEntries + 1).ToList();
        var merged = oldest.GroupBy(static entry => entry.ApiVersion).Select(static group =>
            new ManagedEntry(MergedManager, ManagedEntry.Update, group.Key, "") { Time = group.Max(static entry => entry.Time) ?? "" }
                .With(group.Aggregate(FieldSet.Empty, static (all, entry) => all.Union(entry.Fields))));
        return [.. entries.Except(oldest), .. merged];
    }

    private static Comparer<ManagedEntry> Order { get; } = Comparer<ManagedEntry>.Create(static (left, right) =>
    {
        foreach (var (first, second) in (ReadOnlySpan<(string, string)>)[
            (left.Operation, right.Operation), (left.Time, right.Time), (left.Manager, right.Manager), (left.ApiVersion, right.ApiVersion), (left.Subresource, right.Subresource)])
        {
            if (string.CompareOrdinal(first, second) is not 0 and var order)
            {
                return order;
            }
        }
        return 0;
    });

    private static ManagedEntry Read(JsonNode? item)
    {
        if (item is not JsonObject entry || JsonValues.String(entry["operation"]) is not (ManagedEntry.Apply or ManagedEntry.Update) || JsonValues.String(entry["fieldsType"]) != FieldsType)
        {
            throw new FormatException("an entry names its operation and the type of its fields");
        }
        var read = new ManagedEntry(Text(entry, "manager"), Text(entry, "operation"), Text(entry, "apiVersion"), Text(entry, "subresource")) { Time = Text(entry, "time") };
        return entry["fieldsV1"] is { } fields ? read.With(fields) : read;
    }

    private static JsonNode Write(ManagedEntry entry)
    {
        var item = new JsonObject
        {
            ["apiVersion"] = entry.ApiVersion,
            ["fieldsType"] = FieldsType,
            ["fieldsV1"] = entry.Written?.DeepClone() ?? ModelJson.ParseTree(entry.Fields.ToUtf8()),
            ["manager"] = entry.Manager,
            ["operation"] = entry.Operation,
        };
        if (entry.Subresource.Length > 0)
        {
            item["subresource"] = entry.Subresource;
        }
        if (entry.Time.Length > 0)
        {
            item["time"] = entry.Time;
        }
        return item;
    }

    private static string Text(JsonObject entry, string field) => JsonValues.String(entry[field]) ?? "";
}
