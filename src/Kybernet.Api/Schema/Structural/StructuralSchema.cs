using System.Collections.Frozen;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Json;

namespace Kybernet.Api.Schema.Structural;

/// <summary>
/// The schema of a custom resource, or of a part of one, made ready for use: expressions are compiled, values parsed. Immutable.
/// What a schema has to be like is in the Kubernetes documentation, "Specifying a structural schema".
/// </summary>
public sealed class StructuralSchema
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    private readonly Lazy<Regex?> _pattern;

    private StructuralSchema(JSONSchemaProps props)
    {
        Props = props;
        Properties = props.Properties.ToFrozenDictionary(static entry => entry.Key, static entry => Compile(entry.Value), StringComparer.Ordinal);
        Items = props.Items is { IsEmpty: false } items && Parse(items) is JsonObject item ? Compile(item) : null;
        if (props.AdditionalProperties is { IsEmpty: false } additional)
        {
            var node = Parse(additional);
            AdditionalProperties = node is JsonObject value ? Compile(value) : null;
            AllowsAnyProperty = JsonValues.Bool(node) == true;
        }
        AllOf = [.. props.AllOf.Select(Compile)];
        AnyOf = [.. props.AnyOf.Select(Compile)];
        OneOf = [.. props.OneOf.Select(Compile)];
        Not = props.Not is { } not ? Compile(not) : null;
        Enum = [.. props.Enum.Select(Parse)];
        Default = props.Default is { IsEmpty: false } value2 ? Parse(value2) : null;
        // An expression costs much more to compile than most schemas' objects are ever held to it.
        _pattern = new Lazy<Regex?>(() => props.Pattern is { Length: > 0 } pattern ? CompilePattern(pattern) : null);
    }

    /// <summary>The schema as it was written.</summary>
    public JSONSchemaProps Props { get; }

    /// <summary>The fields that an object may have.</summary>
    public FrozenDictionary<string, StructuralSchema> Properties { get; }

    /// <summary>What the items of a list are; null where the schema does not say.</summary>
    public StructuralSchema? Items { get; }

    /// <summary>What the values of a map are; null where it is no map, or where they may be anything.</summary>
    public StructuralSchema? AdditionalProperties { get; }

    /// <summary>Whether an object may have any other field: <c>additionalProperties: true</c>.</summary>
    public bool AllowsAnyProperty { get; }

    /// <summary>Schemas that a value has to fit all of.</summary>
    public IReadOnlyList<StructuralSchema> AllOf { get; }

    /// <summary>Schemas that a value has to fit one of at least.</summary>
    public IReadOnlyList<StructuralSchema> AnyOf { get; }

    /// <summary>Schemas that a value has to fit exactly one of.</summary>
    public IReadOnlyList<StructuralSchema> OneOf { get; }

    /// <summary>A schema that a value must not fit; null for none.</summary>
    public StructuralSchema? Not { get; }

    /// <summary>The values that there may be; empty for any.</summary>
    public IReadOnlyList<JsonNode?> Enum { get; }

    /// <summary>What a value that is left out becomes; null for nothing.</summary>
    public JsonNode? Default { get; }

    /// <summary>What a string has to match; null for anything.</summary>
    public Regex? Pattern => _pattern.Value;

    /// <summary>Whether the value may be an integer or a string.</summary>
    public bool IsIntOrString => Props.XKubernetesIntOrString == true;

    /// <summary>Whether the value is a whole Kubernetes object.</summary>
    public bool IsEmbeddedResource => Props.XKubernetesEmbeddedResource == true;

    /// <summary>Whether fields that the schema does not know are kept.</summary>
    public bool PreservesUnknownFields => Props.XKubernetesPreserveUnknownFields == true;

    /// <summary>Whether null is a value of its own.</summary>
    public bool IsNullable => Props.Nullable == true;

    /// <summary>Whether it, or a part of it, has rules in CEL (<c>x-kubernetes-validations</c>).</summary>
    public bool HasRules => Props.XKubernetesValidations.Count > 0 || Items is { HasRules: true } || AdditionalProperties is { HasRules: true }
        || Properties.Values.Any(static property => property.HasRules) || AllOf.Any(static part => part.HasRules);

    /// <summary>Makes a schema ready for use.</summary>
    public static StructuralSchema Compile(JSONSchemaProps props) => new(props);

    /// <summary>Compiles a pattern as RE2 understands it: without looking around or back, in time that grows with the text and no faster.</summary>
    /// <exception cref="ArgumentException">It is no such pattern.</exception>
    public static Regex CompilePattern(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, PatternTimeout);
        }
        catch (NotSupportedException exception)
        {
            throw new ArgumentException(exception.Message, nameof(pattern), exception);
        }
    }

    private static StructuralSchema Compile(JsonObject props) => new(ModelJson.Parse<JSONSchemaProps>(props));

    private static JsonNode? Parse(RawJson json) => ModelJson.ParseTree(json.Utf8.Span);
}
