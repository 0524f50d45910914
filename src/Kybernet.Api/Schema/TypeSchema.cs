using System.Collections.Frozen;
using System.Text;

namespace Kybernet.Api.Schema;

/// <summary>The fields of an object type, of whatever origin: a built-in type or a custom resource's schema. Immutable.</summary>
public sealed class TypeSchema
{
    private readonly FrozenDictionary<string, int> _byName;

    // Open addressing over the UTF-8 names: decoding looks a name up once for each property of each object.
    private readonly byte[][] _utf8Names;
    private readonly short[] _slots;

    /// <summary>A type.</summary>
    /// <param name="name">Its name: <c>core.v1.PodSpec</c> for a built-in type, else of the maker's choice.</param>
    /// <param name="fields">Its fields, in the order in which they are written.</param>
    public TypeSchema(string name, IReadOnlyList<FieldSchema> fields)
    {
        Name = name;
        Fields = fields;
        var byName = new Dictionary<string, int>(fields.Count, StringComparer.Ordinal);
        _utf8Names = new byte[fields.Count][];
        _slots = new short[SlotsFor(fields.Count)];
        for (var i = 0; i < fields.Count; i++)
        {
            byName.Add(fields[i].Name, i);
            _utf8Names[i] = Encoding.UTF8.GetBytes(fields[i].Name);
            var slot = Slot(_utf8Names[i], _slots.Length);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }
            _slots[slot] = (short)(i + 1);
        }
        Defaulted = [.. fields.Where(MayHaveDefaults).OrderBy(DefaultingPhase)];
        _byName = byName.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The type's name.</summary>
    public string Name { get; }

    /// <summary>Its fields, in the order in which they are written.</summary>
    public IReadOnlyList<FieldSchema> Fields { get; }

    /// <summary>Whether an object of this type is one value, owned and replaced whole.</summary>
    public bool IsAtomicMap { get; init; }

    /// <summary>Whether fields that the type does not know are kept.</summary>
    public bool PreservesUnknownFields { get; init; }

    /// <summary>
    /// Whether values of the wrong type are kept as they are when an object is decoded, and nulls too, for validation to judge: so custom resources are.
    /// </summary>
    public bool KeepsInvalidValues { get; init; }

    /// <summary>The kinds that are objects of this type.</summary>
    public IReadOnlyList<GroupVersionKind> Kinds { get; init; } = [];

    /// <summary>The name without its group and version, as in <c>PodSpec</c>.</summary>
    public string ShortName => Name[(Name.LastIndexOf('.') + 1)..];

    /// <summary>The fields that may get a default, or have something inside that does, in the order in which defaults are set.</summary>
    internal FieldSchema[] Defaulted { get; }

    /// <summary>As errors name the type: <c>v1.PodSpec</c>.</summary>
    internal string GoName => Name[(Name.LastIndexOf('.', Math.Max(Name.LastIndexOf('.') - 1, 0)) + 1)..];

    /// <summary>The field of a name; null where there is none.</summary>
    public FieldSchema? Find(string name) => _byName.TryGetValue(name, out var index) ? Fields[index] : null;

    /// <summary>The field of a name; null where there is none.</summary>
    public FieldSchema? Find(ReadOnlySpan<byte> utf8Name) => IndexOf(utf8Name) is >= 0 and var index ? Fields[index] : null;

    /// <summary>The place of a field among <see cref="Fields"/>; -1 where there is none of that name.</summary>
    public int IndexOf(ReadOnlySpan<byte> utf8Name)
    {
        var slot = Slot(utf8Name, _slots.Length);
        while (_slots[slot] is not 0 and var entry)
        {
            if (utf8Name.SequenceEqual(_utf8Names[entry - 1]))
            {
                return entry - 1;
            }
            slot = (slot + 1) & (_slots.Length - 1);
        }
        return -1;
    }

    /// <summary>The place of a field among <see cref="Fields"/>; -1 where there is none of that name.</summary>
    public int IndexOf(string name) => _byName.GetValueOrDefault(name, -1);

    private static bool MayHaveDefaults(FieldSchema field) => 
        field.Default is not null || field.InnerDefaults.Count > 0 || SchemaDefaults.HasParts(field.Type);

    /// <summary>What depends on a neighbour being left out comes before that gets a default, and what depends on its value after.</summary>
    private static int DefaultingPhase(FieldSchema field) => field.DefaultCondition switch
    {
        { ComesFirst: true } => 0,
        null => 1,
        _ => 2,
    };

    private static int SlotsFor(int fields)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fields, short.MaxValue - 1);
        var slots = 4;
        while (slots < fields * 2)
        {
            slots *= 2;
        }
        return slots;
    }

    private static int Slot(ReadOnlySpan<byte> name, int slots)
    {
        var hash = 2166136261u;
        foreach (var value in name)
        {
            hash = (hash ^ value) * 16777619u;
        }
        return (int)((hash ^ (hash >> 15)) & (uint)(slots - 1));
    }
}
