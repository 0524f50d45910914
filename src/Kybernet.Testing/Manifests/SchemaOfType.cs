using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Kybernet.Testing.Manifests;

/// <summary>
/// Describes a .NET type as a structural schema: its properties by the names that the client's serializer gives them, with what the attributes of
/// <c>System.ComponentModel</c> say of them.
/// </summary>
internal static class SchemaOfType
{
    private static readonly string[] OfEveryObject = ["apiVersion", "kind", "metadata"];

    /// <summary>The schema of a whole resource, without what every object has.</summary>
    /// <exception cref="ManifestException">The type cannot be described.</exception>
    public static JsonObject Root(Type model)
    {
        var schema = Object(model, []);
        foreach (var name in OfEveryObject)
        {
            (schema["properties"] as JsonObject)?.Remove(name);
        }
        return schema;
    }

    private static JsonObject Of(Type type, HashSet<Type> inside)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Scalar(type) is { } scalar)
        {
            return scalar;
        }
        if (type == typeof(object) || typeof(JsonNode).IsAssignableFrom(type) || type == typeof(JsonElement) || type == typeof(JsonDocument))
        {
            return new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true };
        }
        if (ValueOfMap(type) is { } value)
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(value, inside) };
        }
        if (ItemOfList(type) is { } item)
        {
            return new JsonObject { ["type"] = "array", ["items"] = Of(item, inside) };
        }
        return Object(type, inside);
    }

    private static JsonObject? Scalar(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => (JsonNode)EnumName(type, name))]) },
        TypeCode.String or TypeCode.Char => new JsonObject { ["type"] = "string" },
        TypeCode.Boolean => new JsonObject { ["type"] = "boolean" },
        TypeCode.Byte or TypeCode.SByte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        TypeCode.UInt32 or TypeCode.Int64 or TypeCode.UInt64 => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
        TypeCode.Single => new JsonObject { ["type"] = "number", ["format"] = "float" },
        TypeCode.Double or TypeCode.Decimal => new JsonObject { ["type"] = "number", ["format"] = "double" },
        TypeCode.DateTime => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        _ when type == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        _ when type == typeof(Guid) || type == typeof(TimeSpan) || type == typeof(Uri) => new JsonObject { ["type"] = "string" },
        _ when type == typeof(byte[]) => new JsonObject { ["type"] = "string", ["format"] = "byte" },
        _ when type == typeof(IntOrString) || type == typeof(ResourceQuantity) => new JsonObject { ["x-kubernetes-int-or-string"] = true },
        _ => null,
    };

    private static JsonObject Object(Type type, HashSet<Type> inside)
    {
        if (!inside.Add(type))
        {
            throw new ManifestException($"{type.Name} contains itself, which no structural schema can say; give the property the type JsonNode");
        }
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length > 0 || property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always })
            {
                continue;
            }
            var name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            properties[name] = inside.Count == 1 && OfEveryObject.Contains(name) ? new JsonObject() : Constrained(Of(property.PropertyType, inside), property);
            if (property.GetCustomAttribute<RequiredAttribute>() is not null || property.GetCustomAttribute<RequiredMemberAttribute>() is not null)
            {
                required.Add(name);
            }
        }
        inside.Remove(type);
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }
        return schema;
    }

    private static JsonObject Constrained(JsonObject schema, PropertyInfo property)
    {
        foreach (var attribute in property.GetCustomAttributes())
        {
            switch (attribute)
            {
                case DescriptionAttribute description:
                    schema["description"] = description.Description;
                    break;
                case RangeAttribute range:
                    schema["minimum"] = JsonValue.Create(Convert.ToDouble(range.Minimum, System.Globalization.CultureInfo.InvariantCulture));
                    schema["maximum"] = JsonValue.Create(Convert.ToDouble(range.Maximum, System.Globalization.CultureInfo.InvariantCulture));
                    break;
                case RegularExpressionAttribute pattern:
                    schema["pattern"] = pattern.Pattern;
                    break;
                case MinLengthAttribute least:
                    schema[IsList(schema) ? "minItems" : "minLength"] = least.Length;
                    break;
                case MaxLengthAttribute most:
                    schema[IsList(schema) ? "maxItems" : "maxLength"] = most.Length;
                    break;
                case StringLengthAttribute length:
                    schema["minLength"] = length.MinimumLength;
                    schema["maxLength"] = length.MaximumLength;
                    break;
                case DefaultValueAttribute { Value: not null } value:
                    schema["default"] = JsonSerializer.SerializeToNode(value.Value);
                    break;
            }
        }
        return schema;
    }

    private static bool IsList(JsonObject schema) => (string?)schema["type"] == "array";

    private static string EnumName(Type type, string name) => type.GetField(name)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? name;

    private static Type? ValueOfMap(Type type) => ArgumentsOf(type, typeof(IDictionary<,>)) is [var key, var value] ? Keyed(key, value)
        : ArgumentsOf(type, typeof(IReadOnlyDictionary<,>)) is [var readKey, var readValue] ? Keyed(readKey, readValue) : null;

    private static Type Keyed(Type key, Type value) => key == typeof(string) ? value : throw new ManifestException($"a map has strings for keys, not {key.Name}");

    private static Type? ItemOfList(Type type) => ArgumentsOf(type, typeof(IEnumerable<>)) is [var item] ? item : null;

    private static Type[]? ArgumentsOf(Type type, Type definition) =>
        (type.IsGenericType && type.GetGenericTypeDefinition() == definition ? type
            : Array.Find(type.GetInterfaces(), candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == definition))?.GetGenericArguments();
}
