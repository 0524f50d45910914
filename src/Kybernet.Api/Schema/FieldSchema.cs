using System.Text.Json.Nodes;

namespace Kybernet.Api.Schema;

/// <summary>How the items of a list belong together, for merging and for ownership.</summary>
public enum ListType
{
    /// <summary>The list is one value, replaced whole.</summary>
    Atomic,

    /// <summary>Its items are unique scalars.</summary>
    Set,

    /// <summary>Its items are objects that <see cref="FieldSchema.ListMapKeys"/> tell apart.</summary>
    Map,
}

/// <summary>How a strategic merge patch treats a field.</summary>
[Flags]
public enum PatchStrategies
{
    /// <summary>As its kind is treated: objects and maps are merged, all else replaced.</summary>
    None = 0,

    /// <summary>A list is merged by its key or as a set.</summary>
    Merge = 1,

    /// <summary>The value is replaced whole.</summary>
    Replace = 2,

    /// <summary>The patch may say which keys to keep.</summary>
    RetainKeys = 4,
}

/// <summary>One field of a type.</summary>
/// <param name="Name">Its JSON name.</param>
/// <param name="Type">What its value may be.</param>
public sealed record FieldSchema(string Name, ValueSchema Type)
{
    /// <summary>Whether it must be there.</summary>
    public bool Required { get; init; }

    /// <summary>How a list's items belong together.</summary>
    public ListType ListType { get; init; }

    /// <summary>The fields that tell the items of a map-like list apart; empty for other lists.</summary>
    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>How a strategic merge patch treats it.</summary>
    public PatchStrategies PatchStrategies { get; init; }

    /// <summary>The same, in the order in which accounts of fields write them.</summary>
    internal IReadOnlyList<string> OrderedMapKeys => field ??= ListMapKeys.Count < 2 ? ListMapKeys : [.. ListMapKeys.Order(StringComparer.Ordinal)];

    /// <summary>The field's element in accounts of fields.</summary>
    internal string PathElement => field ??= Ownership.PathElement.Field(Name);

    /// <summary>The field that tells a merged list's items apart; empty where they are scalars.</summary>
    public string PatchMergeKey { get; init; } = "";

    /// <summary>Whether a map or object is one value, owned and replaced whole.</summary>
    public bool IsAtomicMap { get; init; }

    /// <summary>What it is where it is left out; null for nothing. Never changed, and copied for each use.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>Whether an empty string, an empty list or a zero counts as left out.</summary>
    public bool DefaultReplacesZero { get; init; }

    /// <summary>The neighbour, with the values it has to have, on which the default depends; null where it depends on nothing.</summary>
    public DefaultCondition? DefaultCondition { get; init; }

    /// <summary>Defaults for fields of this field's object that hold here and not wherever the object's type is used.</summary>
    public IReadOnlyList<FieldSchema> InnerDefaults { get; init; } = [];
}

/// <summary>When a default is set.</summary>
/// <param name="Field">A field of the same object.</param>
/// <param name="Values">The strings that it may have; the empty one for a field that is left out, before it gets a default of its own.</param>
public sealed record DefaultCondition(string Field, IReadOnlyList<string> Values)
{
    /// <summary>Whether the default is set before those that depend on nothing.</summary>
    internal bool ComesFirst => Values.Contains("");
}
