using System.Text.Json.Nodes;
using Kybernet.Api.Cel;

namespace Kybernet.Api.Schema.Structural.Validations;

/// <summary>The rules in CEL of a schema and of its parts, compiled. Immutable.</summary>
public sealed class SchemaRules
{
    private SchemaRules(StructuralSchema schema, CelType type, IReadOnlyList<RuleProgram> rules)
    {
        Schema = schema;
        Type = type;
        Rules = rules;
    }

    internal StructuralSchema Schema { get; }

    /// <summary>The type of the schema's values, as the rules see them.</summary>
    internal CelType Type { get; }

    /// <summary>The schema's own rules.</summary>
    internal IReadOnlyList<RuleProgram> Rules { get; }

    /// <summary>The rules of fields, as far as they have any.</summary>
    internal IReadOnlyDictionary<string, SchemaRules> Properties { get; private init; } = new Dictionary<string, SchemaRules>(StringComparer.Ordinal);

    /// <summary>The rules of a list's items; null for none.</summary>
    internal SchemaRules? Items { get; private init; }

    /// <summary>The rules of a map's values; null for none.</summary>
    internal SchemaRules? Values { get; private init; }

    /// <summary>The rules of schemas that a value has to fit beside this one.</summary>
    internal IReadOnlyList<SchemaRules> AllOf { get; private init; } = [];

    /// <summary>Compiles the rules of whole objects' schema; null where it has none.</summary>
    public static SchemaRules? Compile(StructuralSchema schema) => schema.HasRules ? Compile(schema, schema, isResource: true) : null;

    /// <summary>Says what is wrong with an object by the rules.</summary>
    /// <param name="item">The object, which fits its schema.</param>
    /// <param name="previous">The object before an update; null for a new one.</param>
    /// <param name="errors">Told what is wrong.</param>
    public void Validate(JsonObject item, JsonObject? previous, Api.Validation.FieldErrors errors) => new RuleEvaluation(errors).Run(this, item, previous);

    /// <param name="described">What says the types of values: a schema that is one of several says only what they have to be like.</param>
    /// <param name="ruled">What has the rules.</param>
    /// <param name="isResource">Whether the values are whole objects.</param>
    internal static SchemaRules? Compile(StructuralSchema described, StructuralSchema ruled, bool isResource)
    {
        if (!ruled.HasRules || StructuralDeclarations.Of(described, isResource) is not { } type)
        {
            return null;
        }
        var properties = new Dictionary<string, SchemaRules>(StringComparer.Ordinal);
        foreach (var (name, property) in ruled.Properties)
        {
            if (described.Properties.TryGetValue(name, out var known) && Compile(known, property, known.IsEmbeddedResource) is { } rules)
            {
                properties.Add(name, rules);
            }
        }
        return new SchemaRules(described, type, [.. ruled.Props.XKubernetesValidations.Select(rule => new RuleProgram(rule, type))])
        {
            Properties = properties,
            Items = Part(described.Items, ruled.Items),
            Values = Part(described.AdditionalProperties, ruled.AdditionalProperties),
            AllOf = [.. ruled.AllOf.Select(part => Compile(described, part, isResource)).OfType<SchemaRules>()],
        };
    }

    private static SchemaRules? Part(StructuralSchema? described, StructuralSchema? ruled) =>
        described is not null && ruled is not null ? Compile(described, ruled, described.IsEmbeddedResource) : null;
}
