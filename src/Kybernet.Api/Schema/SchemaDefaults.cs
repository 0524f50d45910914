using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.Api.Schema;

/// <summary>Sets what is left out to the defaults of the schema: those that depend on no other field.</summary>
public static class SchemaDefaults
{
    /// <summary>Sets the defaults of an object and of all that is in it. The tree is changed.</summary>
    public static void Apply(JsonObject target, TypeSchema type)
    {
        foreach (var field in type.Defaulted)
        {
            Field(target, field);
        }
    }

    private static void Field(JsonObject target, FieldSchema field)
    {
        target.TryGetPropertyValue(field.Name, out var value);
        if (field.Default is not null && IsLeftOut(value, field, target) && Holds(field.DefaultCondition, target))
        {
            // A default may itself have defaults inside, as an empty object does.
            target[field.Name] = value = field.Default.DeepClone();
        }
        if (value is null)
        {
            return;
        }
        Inside(value, field.Type);
        if (value is JsonObject inner)
        {
            foreach (var innerField in field.InnerDefaults)
            {
                Field(inner, innerField);
            }
        }
    }

    private static bool Holds(DefaultCondition? condition, JsonObject target) =>
        condition is null || condition.Values.Contains(JsonValues.String(target[condition.Field]) ?? "");

    private static bool IsLeftOut(JsonNode? value, FieldSchema field, JsonObject target)
    {
        if (value is null)
        {
            return !field.Type.Nullable || !target.ContainsKey(field.Name);
        }
        return field.DefaultReplacesZero && value switch
        {
            JsonArray list => list.Count == 0,
            JsonValue scalar => scalar.GetValueKind() switch
            {
                JsonValueKind.String => JsonValues.Text(scalar).Length == 0,
                JsonValueKind.Number => JsonValues.TryInt64(scalar, out var number) && number == 0,
                _ => false,
            },
            _ => false,
        };
    }

    private static void Inside(JsonNode value, ValueSchema schema)
    {
        switch (schema.Kind)
        {
            case ValueKind.Object when value is JsonObject inner:
                Apply(inner, schema.Object!);
                break;
            case ValueKind.List when value is JsonArray list && HasParts(schema.Item!):
                foreach (var item in list)
                {
                    if (item is not null)
                    {
                        Inside(item, schema.Item!);
                    }
                }
                break;
            case ValueKind.Map when value is JsonObject map:
                Entries(map, schema.Item!);
                break;
        }
    }

    private static void Entries(JsonObject map, ValueSchema item)
    {
        if (item.Kind == ValueKind.Quantity)
        {
            RoundUpToMilli(map);
        }
        else if (HasParts(item))
        {
            foreach (var (_, value) in map)
            {
                if (value is not null)
                {
                    Inside(value, item);
                }
            }
        }
    }

    internal static bool HasParts(ValueSchema schema) => schema.Kind is ValueKind.Object or ValueKind.List or ValueKind.Map;

    /// <summary>A list of resources counts in thousandths at the finest.</summary>
    private static void RoundUpToMilli(JsonObject resources)
    {
        List<(string, Quantity)>? finer = null;
        foreach (var (name, value) in resources)
        {
            if (value is JsonValue scalar && Quantity.TryParse(JsonValues.Text(scalar), out var quantity) && quantity.Exponent < -3)
            {
                (finer ??= []).Add((name, quantity.RoundUp(-3)));
            }
        }
        if (finer is null)
        {
            return;
        }
        foreach (var (name, quantity) in finer)
        {
            resources[name] = quantity.ToString();
        }
    }
}
