using System.Text.Json.Nodes;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Schema.Structural.Validations;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Schema.Structural;

/// <summary>What a schema must be like to be a structural one (Kubernetes documentation, "Specifying a structural schema"), in upstream's words.</summary>
public static class StructuralRules
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    /// <summary>Judges the schema of a version.</summary>
    public static void Validate(JSONSchemaProps root, FieldPath path, FieldErrors errors)
    {
        if (root.Type is null or "")
        {
            errors.Required(path.Child("type"), "must not be empty at the root");
        }
        else if (root.Type != "object")
        {
            errors.Invalid(path.Child("type"), root.Type, "must be object at the root");
        }
        var before = errors.Items.Count;
        Part(root, path, Place.Root, errors);
        if (errors.Items.Count == before)
        {
            var schema = StructuralSchema.Compile(root);
            Defaults(schema, path, errors);
            new RuleChecks(errors).Check(schema, path);
        }
    }

    private static void Part(JSONSchemaProps schema, FieldPath path, Place place, FieldErrors errors)
    {
        Type(schema, path, place, errors);
        Forbidden(schema, path, errors);
        Extensions(schema, path, errors);
        if (schema.Pattern is { Length: > 0 } pattern)
        {
            Pattern(pattern, path.Child("pattern"), errors);
        }
        foreach (var (name, property) in schema.Properties.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            Part(property, path.Child("properties").Key(name), Place.Field, errors);
        }
        Nested(schema.Items, path.Child("items"), Place.Item, errors);
        Nested(schema.AdditionalProperties, path.Child("additionalProperties"), Place.Field, errors);
        Junctors(schema, schema, path, mayHaveRules: true, errors);
    }

    private static void Type(JSONSchemaProps schema, FieldPath path, Place place, FieldErrors errors)
    {
        var isFree = schema.XKubernetesIntOrString == true || schema.XKubernetesPreserveUnknownFields == true;
        if (schema.Type is null or "")
        {
            if (!isFree && place != Place.Root)
            {
                errors.Required(path.Child("type"), place == Place.Item ? "must not be empty for specified array items" : "must not be empty for specified object fields");
            }
        }
        else if (!Types.Contains(schema.Type))
        {
            errors.NotSupported(path.Child("type"), schema.Type, Types);
        }
        if (schema.Type == "array" && schema.Items is not { IsEmpty: false })
        {
            errors.Required(path.Child("items"), "must be specified");
        }
    }

    private static void Forbidden(JSONSchemaProps schema, FieldPath path, FieldErrors errors)
    {
        if (schema.AdditionalProperties is { IsEmpty: false } additional && ModelJson.ParseTree(additional.Utf8.Span) is var node && JsonValues.Bool(node) != false)
        {
            if (schema.Properties.Count > 0)
            {
                errors.Forbidden(path.Child("additionalProperties"), "additionalProperties and properties are mutual exclusive");
            }
        }
        else if (schema.AdditionalProperties is { IsEmpty: false })
        {
            errors.Forbidden(path.Child("additionalProperties"), "additionalProperties cannot be set to false");
        }
        if (schema.UniqueItems == true)
        {
            errors.Forbidden(path.Child("uniqueItems"), "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }
        if (schema.Ref is { Length: > 0 })
        {
            errors.Forbidden(path.Child("$ref"), "$ref is not supported");
        }
        if (schema.Definitions.Count > 0)
        {
            errors.Forbidden(path.Child("definitions"), "definitions is not supported");
        }
        if (schema.Dependencies.Count > 0)
        {
            errors.Forbidden(path.Child("dependencies"), "dependencies is not supported");
        }
        if (schema.PatternProperties.Count > 0)
        {
            errors.Forbidden(path.Child("patternProperties"), "patternProperties is not supported");
        }
    }

    private static void Extensions(JSONSchemaProps schema, FieldPath path, FieldErrors errors)
    {
        if (schema.XKubernetesEmbeddedResource == true && schema.Type != "object")
        {
            errors.Invalid(path.Child("type"), schema.Type ?? "", "must be object if x-kubernetes-embedded-resource is true");
        }
        if (schema.XKubernetesEmbeddedResource == true && schema.XKubernetesPreserveUnknownFields != true && schema.Properties.Count == 0)
        {
            errors.Required(path.Child("properties"), "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
        }
        if (schema.XKubernetesIntOrString == true && schema.Type is { Length: > 0 })
        {
            errors.Invalid(path.Child("type"), schema.Type, "must be empty if x-kubernetes-int-or-string is true");
        }
        if (schema.XKubernetesPreserveUnknownFields == false)
        {
            errors.Invalid(path.Child("x-kubernetes-preserve-unknown-fields"), false, "must be true or undefined");
        }
        if (schema.XKubernetesListType is { } listType)
        {
            ListType(schema, listType, path, errors);
        }
        if (schema.XKubernetesMapType is { } mapType && mapType is not ("atomic" or "granular"))
        {
            errors.NotSupported(path.Child("x-kubernetes-map-type"), mapType, ["atomic", "granular"]);
        }
    }

    private static void ListType(JSONSchemaProps schema, string listType, FieldPath path, FieldErrors errors)
    {
        if (schema.Type != "array")
        {
            errors.Invalid(path.Child("type"), schema.Type ?? "", "must be array if x-kubernetes-list-type is specified");
        }
        if (listType is not ("atomic" or "set" or "map"))
        {
            errors.NotSupported(path.Child("x-kubernetes-list-type"), listType, ["atomic", "set", "map"]);
        }
        var keys = path.Child("x-kubernetes-list-map-keys");
        if (listType == "map" && schema.XKubernetesListMapKeys.Count == 0)
        {
            errors.Required(keys, "must not be empty if x-kubernetes-list-type is map");
        }
        else if (listType != "map" && schema.XKubernetesListMapKeys.Count > 0)
        {
            errors.Forbidden(keys, "x-kubernetes-list-map-keys can only be used if x-kubernetes-list-type is map");
        }
        var items = schema.Items is { IsEmpty: false } raw && ModelJson.ParseTree(raw.Utf8.Span) is JsonObject tree ? ModelJson.Parse<JSONSchemaProps>(tree) : null;
        for (var i = 0; listType == "map" && items is not null && i < schema.XKubernetesListMapKeys.Count; i++)
        {
            var key = schema.XKubernetesListMapKeys[i];
            if (!items.Properties.TryGetValue(key, out var property))
            {
                errors.Invalid(keys.Index(i), key, "entries must all be names of item properties");
            }
            else if (!items.Required.Contains(key) && property.Default is not { IsEmpty: false })
            {
                errors.Required(path.Child("items").Child("properties").Key(key).Child("default"), "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
            }
        }
    }

    private static void Pattern(string pattern, FieldPath path, FieldErrors errors)
    {
        try
        {
            StructuralSchema.CompilePattern(pattern);
        }
        catch (ArgumentException exception)
        {
            errors.Invalid(path, pattern, $"must be a valid regular expression, but isn't: {exception.Message}");
        }
    }

    private static void Nested(RawJson? nested, FieldPath path, Place place, FieldErrors errors)
    {
        if (nested is not { IsEmpty: false } json)
        {
            return;
        }
        switch (ModelJson.ParseTree(json.Utf8.Span))
        {
            case JsonObject tree:
                Part(ModelJson.Parse<JSONSchemaProps>(tree), path, place, errors);
                break;
            case JsonArray:
                errors.Forbidden(path, "items must be a schema object and not an array");
                break;
        }
    }

    /// <summary>What combined schemas may say: of fields that are there without them, and nothing that would change what is stored.</summary>
    /// <param name="around">The schema that the combinations are beside.</param>
    /// <param name="schema">What has them.</param>
    /// <param name="path">Where that is.</param>
    /// <param name="mayHaveRules">Whether rules in CEL may be here: only where they hold for every value.</param>
    /// <param name="errors">Told what is wrong.</param>
    private static void Junctors(JSONSchemaProps around, JSONSchemaProps schema, FieldPath path, bool mayHaveRules, FieldErrors errors)
    {
        void Each(IReadOnlyList<JSONSchemaProps> parts, string name, bool mayHave)
        {
            for (var i = 0; i < parts.Count; i++)
            {
                Junctor(around, parts[i], path.Child(name).Index(i), mayHave, errors);
            }
        }

        Each(schema.AllOf, "allOf", mayHaveRules);
        Each(schema.AnyOf, "anyOf", mayHave: false);
        Each(schema.OneOf, "oneOf", mayHave: false);
        if (schema.Not is { } not)
        {
            Junctor(around, not, path.Child("not"), mayHaveRules: false, errors);
        }
    }

    private static void Junctor(JSONSchemaProps around, JSONSchemaProps part, FieldPath path, bool mayHaveRules, FieldErrors errors)
    {
        if (part.XKubernetesValidations.Count > 0 && !mayHaveRules)
        {
            errors.Forbidden(path.Child("x-kubernetes-validations"), "must be empty to be structural");
        }
        if (part.Type is { Length: > 0 } && around.XKubernetesIntOrString != true)
        {
            errors.Forbidden(path.Child("type"), "must be empty to be structural");
        }
        if (part.Default is { IsEmpty: false })
        {
            errors.Forbidden(path.Child("default"), "must be undefined to be structural");
        }
        if (part.Nullable == true)
        {
            errors.Forbidden(path.Child("nullable"), "must be false to be structural");
        }
        if (part.AdditionalProperties is { IsEmpty: false })
        {
            errors.Forbidden(path.Child("additionalProperties"), "must be undefined to be structural");
        }
        foreach (var (name, property) in part.Properties)
        {
            if (around.Properties.TryGetValue(name, out var counterpart))
            {
                Junctor(counterpart, property, path.Child("properties").Key(name), mayHaveRules, errors);
            }
            else if (around.XKubernetesPreserveUnknownFields != true && around.AdditionalProperties is not { IsEmpty: false })
            {
                errors.Required(FieldPathOf(path, name), $"because it is defined in {path.Child("properties").Key(name)}");
            }
        }
        Junctors(around, part, path, mayHaveRules, errors);
    }

    /// <summary>Where the field should have been: beside the combination.</summary>
    private static FieldPath FieldPathOf(FieldPath path, string name)
    {
        var text = path.ToString();
        var end = new[] { ".allOf", ".anyOf", ".oneOf", ".not" }.Select(junctor => text.IndexOf(junctor, StringComparison.Ordinal)).Where(static at => at >= 0).DefaultIfEmpty(text.Length).Min();
        return FieldPath.Of(text[..end]).Child("properties").Key(name);
    }

    private static void Defaults(StructuralSchema schema, FieldPath path, FieldErrors errors)
    {
        if (schema.Default is { } value)
        {
            StructuralValidator.ValidatePart(schema, StructuralTypes.WithDefaults(value, schema), path.Child("default"), errors);
        }
        foreach (var (name, property) in schema.Properties)
        {
            Defaults(property, path.Child("properties").Key(name), errors);
        }
        if (schema.Items is { } items)
        {
            Defaults(items, path.Child("items"), errors);
        }
        if (schema.AdditionalProperties is { } values)
        {
            Defaults(values, path.Child("additionalProperties"), errors);
        }
    }

    private enum Place
    {
        Root,
        Field,
        Item,
    }
}
