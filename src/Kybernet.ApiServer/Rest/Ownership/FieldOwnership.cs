using System.Text.Json.Nodes;
using Kybernet.Api.Ownership;
using Kybernet.Api.Schema;

namespace Kybernet.ApiServer.Rest.Ownership;

/// <summary>
/// Keeps account of who has which fields of an object (KEP-555). A writer has what its write added or changed, until somebody else changes it; an applier
/// has what it says, until it says it no more.
/// </summary>
internal static class FieldOwnership
{
    /// <summary>The server's own fields, and those that say which object it is.</summary>
    private static readonly FieldSet Untracked = FieldSet.Parse(
        """
        {"f:apiVersion":{},"f:kind":{},"f:metadata":{"f:name":{},"f:namespace":{},"f:creationTimestamp":{},"f:selfLink":{},"f:uid":{},"f:generation":{},
        "f:managedFields":{},"f:resourceVersion":{}}}
        """u8);

    /// <summary>What a write changes that is accounted for.</summary>
    /// <param name="before">The object as it was; empty for a new one.</param>
    /// <param name="after">The object as it shall be.</param>
    /// <param name="schema">Its type.</param>
    /// <param name="parts">Those of its fields that the write can change; null for any.</param>
    /// <exception cref="OwnershipException">A list's items cannot be told apart.</exception>
    public static FieldComparison Compare(JsonObject before, JsonObject after, TypeSchema schema, IReadOnlySet<string>? parts = null) =>
        FieldComparison.Of(before, after, schema, Untracked, parts);

    /// <summary>Notes a write that is no application.</summary>
    /// <param name="entries">Who had what.</param>
    /// <param name="comparison">What the write changes.</param>
    /// <param name="writer">Who writes, and when.</param>
    public static IReadOnlyList<ManagedEntry> Record(IReadOnlyList<ManagedEntry> entries, FieldComparison comparison, ManagedEntry writer)
    {
        var changed = comparison.Changed;
        var left = Without(entries, changed.Union(comparison.Removed));
        if (changed.IsEmpty)
        {
            return left;
        }
        var own = left.FirstOrDefault(writer.IsOf);
        return ManagedFields.Cap([.. left.Where(entry => entry != own), writer.With(own is null ? changed : changed.Union(own.Fields))]);
    }

    /// <summary>What an applier has of an object that it makes.</summary>
    /// <exception cref="OwnershipException">A list's items cannot be told apart.</exception>
    public static IReadOnlyList<ManagedEntry> OfNew(JsonObject configuration, TypeSchema schema, ManagedEntry writer) =>
        WantedBy(configuration, schema) is { IsEmpty: false } wanted ? [writer.With(wanted)] : [];

    /// <summary>Applies what somebody wants.</summary>
    /// <param name="entries">Who has what.</param>
    /// <param name="live">The object as it is, without its account.</param>
    /// <param name="configuration">All that the applier wants of it, of what it can change at all.</param>
    /// <param name="schema">Its type.</param>
    /// <param name="writer">Who applies, and when.</param>
    /// <param name="overrides">Which of others' fields may be taken.</param>
    /// <exception cref="OwnershipException">A list's items cannot be told apart.</exception>
    /// <exception cref="ApplyConflictException">Others have fields that would change.</exception>
    public static (JsonObject Object, IReadOnlyList<ManagedEntry> Entries) Apply(
        IReadOnlyList<ManagedEntry> entries, JsonObject live, JsonObject configuration, TypeSchema schema, ManagedEntry writer, Func<FieldSet, FieldSet> overrides)
    {
        var wanted = WantedBy(configuration, schema);
        var last = entries.FirstOrDefault(writer.IsOf);
        var others = entries.Where(entry => entry != last).ToList();
        var merged = FieldMerge.Merge(live, configuration, schema);
        if (last is not null)
        {
            merged = Prune(merged, last.Fields, others.Aggregate(wanted, static (all, entry) => all.Union(entry.Fields)), schema);
        }
        var comparison = Compare(live, merged, schema);
        var changed = comparison.Changed;
        var conflicts = others
            .Select(entry => entry.With(entry.Fields.Intersect(changed)))
            .Select(entry => entry.With(entry.Fields.Except(overrides(entry.Fields))))
            .Where(static entry => !entry.Fields.IsEmpty)
            .ToList();
        if (conflicts.Count > 0)
        {
            throw new ApplyConflictException(conflicts);
        }
        if (comparison.IsEmpty && last is not null && last.Fields.SetEquals(wanted))
        {
            return (merged, entries); // nothing new: not even the time
        }
        var result = Without(others, changed.Union(comparison.Removed));
        return (merged, wanted.IsEmpty ? result : [.. result, writer.With(wanted)]);
    }

    private static FieldSet WantedBy(JsonObject configuration, TypeSchema schema) =>
        OwnedFields.Of(configuration, schema, isStrict: true).ExceptWithin(Untracked);

    private static List<ManagedEntry> Without(IReadOnlyList<ManagedEntry> entries, FieldSet fields) =>
        [.. entries.Select(entry => entry.With(entry.Fields.Except(fields))).Where(static entry => !entry.Fields.IsEmpty)];

    /// <summary>Removes what the applier said last time and does not say now, as far as nobody else has it.</summary>
    private static JsonObject Prune(JsonObject merged, FieldSet last, FieldSet owned, TypeSchema schema)
    {
        FieldSet Named(FieldSet set) => OwnedFields.WithNamedFields(set, schema);
        var all = Named(OwnedFields.Of(merged, schema));
        var pruned = OwnedFields.Remove(merged, Named(last), schema);
        pruned = OwnedFields.Remove(merged, all.Except(Named(OwnedFields.Of(pruned, schema))).Except(Named(owned)), schema);
        // What was only in the way of that, and was never the applier's, stays.
        return OwnedFields.Remove(merged, all.Except(Named(OwnedFields.Of(pruned, schema))).Intersect(Named(last)), schema);
    }
}
