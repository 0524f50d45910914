using Kybernet.Api.Cel;

namespace Kybernet.Api.Schema.Structural.Validations;

/// <summary>
/// What expressions know of a schema: the types of its values, and how big they can get. Nothing is said of what a schema does not describe, so that
/// no expression can be about it.
/// </summary>
internal static class StructuralDeclarations
{
    /// <summary>The largest request that is taken: what has no other bound cannot be bigger.</summary>
    private const long MaxRequestBytes = 3 * 1024 * 1024;

    private const long MaxTimeBytes = 32;
    private const long DateBytes = 12;

    private static readonly CelObjectType Metadata = new("metadata", static () => new Dictionary<string, CelField>(StringComparer.Ordinal)
    {
        ["name"] = new("name", CelType.String.Bounded(MaxRequestBytes - 2)),
        ["generateName"] = new("generateName", CelType.String.Bounded(MaxRequestBytes - 2)),
    });

    /// <summary>The type of a schema's values; null where expressions cannot be about them.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="isResource">Whether the values are whole objects, which have a kind and metadata whatever their schema says.</param>
    public static CelType? Of(StructuralSchema schema, bool isResource) => Declare(schema, isResource)?.Type;

    /// <summary>How many values of a schema one request can hold.</summary>
    public static double MaxCardinality(StructuralSchema schema, bool isResource) => Math.Floor(MaxRequestBytes / ((Declare(schema, isResource)?.MinBytes ?? 1) + 1.0));

    private static Declared? Declare(StructuralSchema schema, bool isResource)
    {
        if (schema.IsIntOrString)
        {
            return new Declared(CelType.Dyn.Bounded(schema.Props.MaxLength is { } length ? Bytes(length) : MaxRequestBytes - 2), 1);
        }
        switch (schema.Props.Type)
        {
            case "array":
                return schema.Items is { } items && Declare(items, items.IsEmbeddedResource) is { } item ? List(schema, item) : null;
            case "object" when schema.AdditionalProperties is { } values:
                return Declare(values, values.IsEmbeddedResource) is { } value
                    ? new Declared(CelType.MapOf(CelType.String, value.Type).Bounded(schema.Props.MaxProperties ?? (MaxRequestBytes - 2) / (value.MinBytes + 6)), 2)
                    : null;
            case "object":
                return Object(schema, isResource);
            case "string":
                return Text(schema);
            case "boolean":
                return new Declared(CelType.Bool, 4);
            case "number":
                return new Declared(CelType.Double, 1);
            case "integer":
                return new Declared(CelType.Int, 1);
            default:
                return null;
        }
    }

    private static Declared List(StructuralSchema schema, Declared item)
    {
        var type = CelType.ListOf(item.Type).Bounded(schema.Props.MaxItems ?? (MaxRequestBytes - 2) / (item.MinBytes + 1));
        return new Declared(schema.Props.XKubernetesListType switch
        {
            "set" => type.Keyed(ListType.Set, []),
            "map" => type.Keyed(ListType.Map, [.. schema.Props.XKubernetesListMapKeys.Select(static key => CelNames.Escape(key) ?? key)]),
            _ => type,
        }, 2);
    }

    private static Declared Object(StructuralSchema schema, bool isResource)
    {
        var fields = new Dictionary<string, CelField>(StringComparer.Ordinal);
        var bytes = 2L;
        foreach (var (name, property) in schema.Properties)
        {
            if (Declare(property, property.IsEmbeddedResource) is not { } declared)
            {
                continue;
            }
            if (CelNames.Escape(name) is { } identifier)
            {
                fields[identifier] = new CelField(name, declared.Type);
            }
            if (property.Default is null && schema.Props.Required.Contains(name))
            {
                bytes += name.Length + declared.MinBytes + 4;
            }
        }
        if (isResource)
        {
            fields["apiVersion"] = new CelField("apiVersion", CelType.String.Bounded(MaxRequestBytes - 2));
            fields["kind"] = new CelField("kind", CelType.String.Bounded(MaxRequestBytes - 2));
            fields["metadata"] = new CelField("metadata", Metadata);
        }
        return new Declared(new CelObjectType("object", () => fields), bytes);
    }

    private static Declared Text(StructuralSchema schema)
    {
        switch (schema.Props.Format)
        {
            case "byte":
                return new Declared(CelType.Bytes.Bounded(schema.Props.MaxLength ?? MaxRequestBytes - 2), 2);
            case "duration":
                return new Declared(CelType.Duration.Bounded(MaxTimeBytes), 3);
            case "date":
                return new Declared(CelType.Timestamp.Bounded(DateBytes), DateBytes);
            case "date-time":
                return new Declared(CelType.Timestamp.Bounded(MaxTimeBytes), 21);
        }
        var max = schema.Props.MaxLength is { } length ? Bytes(length)
            : schema.Enum.Count > 0 ? schema.Enum.Max(static value => (long)Json.JsonValues.Text(value).Length)
            : MaxRequestBytes - 2;
        return new Declared(CelType.String.Bounded(max), 2);
    }

    /// <summary>Lengths are counted in characters, and requests in bytes.</summary>
    private static long Bytes(long characters) => Math.Max(characters, 0) * 4;

    /// <summary>A type, and the fewest bytes that a value takes in a request.</summary>
    private sealed record Declared(CelType Type, long MinBytes);
}
