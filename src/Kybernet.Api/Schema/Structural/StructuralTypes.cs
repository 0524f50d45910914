using System.Text.Json.Nodes;

namespace Kybernet.Api.Schema.Structural;

/// <summary>
/// Makes of a custom resource's schema the type by which its objects are decoded, pruned and given their defaults. Scalars may be anything there: what
/// they are held to is said by <see cref="StructuralValidator"/>, so that a wrong value is told of as any other that is invalid.
/// </summary>
public static class StructuralTypes
{
    /// <summary>The type of whole objects.</summary>
    /// <param name="name">What the type is called in errors and documents.</param>
    /// <param name="kind">The kind of the objects.</param>
    /// <param name="schema">The schema; null for one that keeps everything.</param>
    public static TypeSchema Build(string name, GroupVersionKind kind, StructuralSchema? schema)
    {
        var fields = new List<FieldSchema>
        {
            new("apiVersion", ValueSchema.String),
            new("kind", ValueSchema.String),
            new("metadata", Metadata),
        };
        foreach (var (field, value) in Ordered(schema))
        {
            if (field is not ("apiVersion" or "kind" or "metadata"))
            {
                fields.Add(Field(name, field, value));
            }
        }
        return new TypeSchema(name, fields) { Kinds = [kind], KeepsInvalidValues = true, PreservesUnknownFields = schema is null || KeepsUnknown(schema) };
    }

    /// <summary>A copy of a value with the defaults of what is in it.</summary>
    public static JsonNode WithDefaults(JsonNode value, StructuralSchema schema)
    {
        var holder = new JsonObject { ["value"] = value.DeepClone() };
        SchemaDefaults.Apply(holder, new TypeSchema("", [new FieldSchema("value", Value("value", schema))]));
        holder.Remove("value", out var complete);
        return complete!;
    }

    private static ValueSchema Metadata => ValueSchema.ObjectOf(static () => ResourceSchema.BuiltIn.Find("meta.v1.ObjectMeta")!);

    private static IEnumerable<KeyValuePair<string, StructuralSchema>> Ordered(StructuralSchema? schema) =>
        schema is null ? [] : schema.Properties.OrderBy(static entry => entry.Key, StringComparer.Ordinal);

    private static FieldSchema Field(string owner, string name, StructuralSchema schema) => new(name, Value($"{owner}.{name}", schema))
    {
        Default = schema.Default,
        ListType = schema.Props.XKubernetesListType switch
        {
            "map" => ListType.Map,
            "set" => ListType.Set,
            _ => ListType.Atomic,
        },
        ListMapKeys = schema.Props.XKubernetesListMapKeys,
        IsAtomicMap = schema.Props.XKubernetesMapType == "atomic",
    };

    private static ValueSchema Value(string name, StructuralSchema schema)
    {
        switch (schema.Props.Type)
        {
            case "array":
                return ValueSchema.ListOf(schema.Items is { } items ? Value(name, items) : ValueSchema.Any, schema.IsNullable);
            case "object" when schema.AdditionalProperties is { } values:
                return ValueSchema.MapOf(Value(name, values), schema.IsNullable);
            case "object" when !schema.AllowsAnyProperty:
                var type = new Lazy<TypeSchema>(() => Part(name, schema));
                return ValueSchema.ObjectOf(() => type.Value, schema.IsNullable);
            default:
                return schema.IsNullable ? ValueSchema.AnyOrNull : ValueSchema.Any;
        }
    }

    private static TypeSchema Part(string name, StructuralSchema schema)
    {
        var fields = new List<FieldSchema>();
        if (schema.IsEmbeddedResource)
        {
            fields.AddRange([new("apiVersion", ValueSchema.String), new("kind", ValueSchema.String), new("metadata", Metadata)]);
        }
        foreach (var (field, value) in Ordered(schema))
        {
            if (!schema.IsEmbeddedResource || field is not ("apiVersion" or "kind" or "metadata"))
            {
                fields.Add(Field(name, field, value));
            }
        }
        return new TypeSchema(name, fields) { KeepsInvalidValues = true, PreservesUnknownFields = KeepsUnknown(schema) };
    }

    private static bool KeepsUnknown(StructuralSchema schema) => schema.PreservesUnknownFields || schema.AllowsAnyProperty;
}
