using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Schema.Structural;

/// <summary>
/// Holds values to a schema, in upstream's words. Parts that an update leaves as they were are not looked at, so that objects from before a stricter
/// schema can still be changed (KEP-4008, "CRD validation ratcheting").
/// </summary>
public static class StructuralValidator
{
    /// <summary>Says what is wrong with a whole object.</summary>
    /// <param name="schema">The schema of the objects.</param>
    /// <param name="item">The object.</param>
    /// <param name="previous">The object before an update; null for a new one.</param>
    /// <param name="errors">Told what is wrong.</param>
    public static void Validate(StructuralSchema schema, JsonObject item, JsonObject? previous, FieldErrors errors)
    {
        foreach (var (name, property) in schema.Properties)
        {
            // What every object has is validated with its metadata; a schema may only narrow the name down.
            if (name is not ("apiVersion" or "kind") && item.TryGetPropertyValue(name, out var value) && !(name == "metadata" && property.Properties.Count == 0))
            {
                Value(property, value, previous?[name], FieldPath.Of(name), errors);
            }
        }
        Rest(schema, item, previous, path: null, errors);
    }

    /// <summary>Says what is wrong with a part of an object, such as a default.</summary>
    public static void ValidatePart(StructuralSchema schema, JsonNode? value, FieldPath path, FieldErrors errors) => Value(schema, value, previous: null, path, errors);

    private static void Value(StructuralSchema schema, JsonNode? value, JsonNode? previous, FieldPath path, FieldErrors errors)
    {
        if (previous is not null && JsonValues.Same(value, previous))
        {
            return;
        }
        if (value is null && schema.IsNullable)
        {
            return;
        }
        if (!HasType(schema, value))
        {
            var expected = schema.IsIntOrString ? "integer,string" : schema.Props.Type;
            var found = TypeOf(value);
            errors.Add(
                FieldErrorReason.FieldValueTypeInvalid, path, $"Invalid value: \"{found}\": {path} in body must be of type {expected}: \"{found}\"");
            return;
        }
        Scalar(schema, value, path, errors);
        switch (value)
        {
            case JsonObject item:
                Object(schema, item, previous as JsonObject, path, errors);
                break;
            case JsonArray list:
                List(schema, list, previous as JsonArray, path, errors);
                break;
        }
        Rest(schema, value, previous, path, errors);
    }

    private static void Object(StructuralSchema schema, JsonObject item, JsonObject? previous, FieldPath path, FieldErrors errors)
    {
        if (schema.IsEmbeddedResource)
        {
            EmbeddedResource(item, path, errors);
        }
        foreach (var (name, value) in item)
        {
            if (schema.Properties.TryGetValue(name, out var property))
            {
                Value(property, value, previous?[name], path.Child(name), errors);
            }
            else if (schema.AdditionalProperties is { } values)
            {
                Value(values, value, previous?[name], path.Child(name), errors);
            }
        }
    }

    private static void EmbeddedResource(JsonObject item, FieldPath path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (JsonValues.String(item[field]) is not { Length: > 0 })
            {
                errors.Required(path.Child(field), "must not be empty");
            }
        }
    }

    private static void List(StructuralSchema schema, JsonArray list, JsonArray? previous, FieldPath path, FieldErrors errors)
    {
        if (schema.Items is { } items)
        {
            for (var i = 0; i < list.Count; i++)
            {
                Value(items, list[i], Counterpart(schema, list[i], previous), path.Index(i), errors);
            }
        }
        if (schema.Props.XKubernetesListType is "set" or "map")
        {
            Unique(schema, list, path, errors);
        }
    }

    /// <summary>The item of the list before that is the same item: where keys tell items apart, nothing else does.</summary>
    private static JsonNode? Counterpart(StructuralSchema schema, JsonNode? item, JsonArray? previous)
    {
        if (previous is null || schema.Props.XKubernetesListType != "map")
        {
            return null;
        }
        var key = ListKeys.Of(schema, item);
        foreach (var candidate in previous)
        {
            if (ListKeys.Of(schema, candidate) == key)
            {
                return candidate;
            }
        }
        return null;
    }

    private static void Unique(StructuralSchema schema, JsonArray list, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            var key = schema.Props.XKubernetesListType == "map" ? ListKeys.Of(schema, list[i]) : list[i]?.ToJsonString() ?? "null";
            if (!seen.Add(key))
            {
                errors.Add(FieldErrorReason.FieldValueDuplicate, path.Index(i), $"Duplicate value: {key}");
            }
        }
    }

    /// <summary>What is said of a value of its type: bounds, lengths, patterns.</summary>
    private static void Scalar(StructuralSchema schema, JsonNode? value, FieldPath path, FieldErrors errors)
    {
        switch (value)
        {
            case JsonArray list:
                Count(list.Count, schema.Props.MinItems, schema.Props.MaxItems, "items", path, errors);
                break;
            case JsonObject item:
                Count(item.Count, schema.Props.MinProperties, schema.Props.MaxProperties, "properties", path, errors);
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.Number && JsonValues.TryDouble(scalar, out var number):
                Number(schema, scalar, number, path, errors);
                break;
            case JsonValue when JsonValues.String(value) is { } text:
                Text(schema, text, path, errors);
                break;
        }
    }

    private static void Count(int count, long? min, long? max, string what, FieldPath path, FieldErrors errors)
    {
        if (max < count)
        {
            errors.TooMany(path, count, (int)max);
        }
        if (min > count)
        {
            errors.Invalid(path, count, $"{path} in body should have at least {min} {what}");
        }
    }

    private static void Number(StructuralSchema schema, JsonValue value, double number, FieldPath path, FieldErrors errors)
    {
        var props = schema.Props;
        void Wrong(string what) => errors.Add(FieldErrorReason.FieldValueInvalid, path, $"Invalid value: {value.ToJsonString()}: {path} in body should be {what}");
        if (props.Maximum is { } max && (props.ExclusiveMaximum == true ? number >= max : number > max))
        {
            Wrong(props.ExclusiveMaximum == true ? $"less than {GoNumber(max)}" : $"less than or equal to {GoNumber(max)}");
        }
        if (props.Minimum is { } min && (props.ExclusiveMinimum == true ? number <= min : number < min))
        {
            Wrong(props.ExclusiveMinimum == true ? $"greater than {GoNumber(min)}" : $"greater than or equal to {GoNumber(min)}");
        }
        if (props.MultipleOf is { } step && Math.Abs(number / step - Math.Round(number / step)) > 1e-9)
        {
            Wrong($"a multiple of {GoNumber(step)}");
        }
        if (props.Format is "int32" && (number < int.MinValue || number > int.MaxValue))
        {
            errors.Add(FieldErrorReason.FieldValueInvalid, path, $"Invalid value: {value.ToJsonString()}: {path} in body must be of type int32: \"{value.ToJsonString()}\"");
        }
    }

    private static string GoNumber(double number) => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    private static void Text(StructuralSchema schema, string text, FieldPath path, FieldErrors errors)
    {
        var props = schema.Props;
        if (props.MaxLength is not null || props.MinLength is not null)
        {
            var runes = 0;
            foreach (var _ in text.EnumerateRunes())
            {
                runes++;
            }
            if (props.MaxLength < runes)
            {
                errors.TooLong(path, (int)props.MaxLength);
            }
            if (props.MinLength > runes)
            {
                errors.Invalid(path, text, $"{path} in body should be at least {props.MinLength} chars long");
            }
        }
        if (schema.Pattern is { } pattern && !pattern.IsMatch(text))
        {
            errors.Invalid(path, text, $"{path} in body should match '{props.Pattern}'");
        }
        if (props.Format is { Length: > 0 } format && !StringFormats.IsValid(format, text))
        {
            errors.Invalid(path, text, $"{path} in body must be of type {format}: {JsonValue.Create(text).ToJsonString()}");
        }
    }

    /// <summary>What does not depend on the value's type: required fields, the values that there may be, and schemas combined.</summary>
    private static void Rest(StructuralSchema schema, JsonNode? value, JsonNode? previous, FieldPath? path, FieldErrors errors)
    {
        if (value is JsonObject item)
        {
            foreach (var name in schema.Props.Required)
            {
                if (!item.ContainsKey(name))
                {
                    errors.Required(path?.Child(name) ?? FieldPath.Of(name));
                }
            }
        }
        if (schema.Enum.Count > 0 && path is not null && !schema.Enum.Any(allowed => JsonValues.Same(allowed, value)))
        {
            errors.Add(
                FieldErrorReason.FieldValueNotSupported,
                path,
                $"Unsupported value: {value?.ToJsonString() ?? "null"}: supported values: {string.Join(", ", schema.Enum.Select(Quoted))}");
        }
        Combined(schema, value, previous, path, errors);
    }

    private static string Quoted(JsonNode? value) => $"\"{JsonValues.Text(value)}\"";

    private static void Combined(StructuralSchema schema, JsonNode? value, JsonNode? previous, FieldPath? path, FieldErrors errors)
    {
        void Wrong(string what) => errors.Invalid(path ?? FieldPath.Of("<nil>"), "", $"\"{path}\" must {what}");
        if (schema.AllOf.Count > 0 && !schema.AllOf.All(part => Fits(part, value, previous)))
        {
            foreach (var part in schema.AllOf)
            {
                Look(part, value, previous, path, errors);
            }
            Wrong("validate all the schemas (allOf)");
        }
        if (schema.AnyOf.Count > 0 && !schema.AnyOf.Any(part => Fits(part, value, previous)))
        {
            Wrong("validate at least one schema (anyOf)");
        }
        if (schema.OneOf.Count > 0 && schema.OneOf.Count(part => Fits(part, value, previous)) is not 1 and var fitting)
        {
            Wrong($"validate one and only one schema (oneOf). {(fitting == 0 ? "Found none valid" : $"Found {fitting} valid alternatives")}");
        }
        if (schema.Not is { } not && Fits(not, value, previous))
        {
            Wrong("not validate the schema (not)");
        }
    }

    private static bool Fits(StructuralSchema schema, JsonNode? value, JsonNode? previous)
    {
        var errors = new FieldErrors();
        Look(schema, value, previous, path: null, errors);
        return errors.IsEmpty;
    }

    private static void Look(StructuralSchema schema, JsonNode? value, JsonNode? previous, FieldPath? path, FieldErrors errors)
    {
        if (path is null && value is JsonObject item)
        {
            Validate(schema, item, previous as JsonObject, errors);
            return;
        }
        Value(schema, value, previous, path ?? FieldPath.Of("value"), errors);
    }

    private static bool HasType(StructuralSchema schema, JsonNode? value)
    {
        if (schema.IsIntOrString)
        {
            return TypeOf(value) is "integer" or "string";
        }
        return schema.Props.Type switch
        {
            null or "" => true,
            "number" => TypeOf(value) is "integer" or "number",
            var type => TypeOf(value) == type,
        };
    }

    private static string TypeOf(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => JsonValues.TryInt64(value, out _) || (JsonValues.TryDouble(value, out var number) && number == Math.Floor(number)) ? "integer" : "number",
            _ => "boolean",
        },
    };
}
