using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Schema;

namespace Kybernet.ApiServer.OpenApi;

/// <summary>Writes types as JSON schemas, straight from the table of types.</summary>
/// <param name="writer">Where to.</param>
/// <param name="dialect">In which form.</param>
/// <param name="types">The types.</param>
/// <param name="describe">The description of a type (with no field) or of a type's field; null where there is none.</param>
internal sealed class SchemaWriter(Utf8JsonWriter writer, OpenApiDialect dialect, ApiTypes types, Func<string, string, string?> describe)
{
    private readonly string _prefix = dialect == OpenApiDialect.V3 ? "#/components/schemas/" : "#/definitions/";

    /// <summary>Writes the property of a type's long name, and its schema.</summary>
    /// <param name="name">The short name.</param>
    public void WriteType(string name)
    {
        writer.WriteStartObject(types.LongNameOf(name));
        if (types.Custom(name) is { } custom)
        {
            CustomSchemaWriter.WriteType(writer, custom, dialect, Reference);
        }
        else if (types.CustomList(name) is { } list)
        {
            CustomSchemaWriter.WriteList(writer, list, Reference);
        }
        else
        {
            WriteBuiltIn(name);
        }
        writer.WriteEndObject();
    }

    /// <summary>Writes a reference to a type as the object's only property.</summary>
    public void WriteReference(string name) => writer.WriteString("$ref"u8, _prefix + types.LongNameOf(name));

    private JsonObject Reference(string name)
    {
        var reference = new JsonObject { ["$ref"] = _prefix + types.LongNameOf(name) };
        return dialect == OpenApiDialect.V2 ? reference : new JsonObject { ["allOf"] = new JsonArray(reference) };
    }

    private void WriteBuiltIn(string name)
    {
        WriteDescription(describe(name, "") ?? DescribeScalar(name));
        if (ApiTypes.BuiltIn(name) is { } type)
        {
            WriteFields(type);
        }
        else
        {
            WriteScalar(name);
        }
    }

    private void WriteFields(TypeSchema type)
    {
        writer.WriteString("type"u8, "object"u8);
        if (type.Fields.Any(field => field.Required))
        {
            writer.WriteStartArray("required"u8);
            foreach (var field in type.Fields)
            {
                if (field.Required)
                {
                    writer.WriteStringValue(field.Name);
                }
            }
            writer.WriteEndArray();
        }
        if (type.Fields.Count > 0)
        {
            writer.WriteStartObject("properties"u8);
            foreach (var field in type.Fields)
            {
                writer.WriteStartObject(field.Name);
                WriteField(type, field);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        if (type.IsAtomicMap)
        {
            writer.WriteString("x-kubernetes-map-type"u8, "atomic"u8);
        }
        WriteKinds(type);
    }

    private void WriteField(TypeSchema type, FieldSchema field)
    {
        WriteDescription(describe(type.Name, field.Name));
        WriteValue(field.Type, IsAlwaysThere(type, field));
        if (field.Type.Kind == ValueKind.List)
        {
            WriteListType(field);
        }
        if (field.IsAtomicMap)
        {
            writer.WriteString("x-kubernetes-map-type"u8, "atomic"u8);
        }
        if (field.PatchMergeKey.Length > 0)
        {
            writer.WriteString("x-kubernetes-patch-merge-key"u8, field.PatchMergeKey);
        }
        if (field.PatchStrategies != PatchStrategies.None)
        {
            writer.WriteString("x-kubernetes-patch-strategy"u8, Spell(field.PatchStrategies));
        }
    }

    private void WriteListType(FieldSchema field)
    {
        if (field.ListMapKeys.Count > 0)
        {
            writer.WriteStartArray("x-kubernetes-list-map-keys"u8);
            foreach (var key in field.ListMapKeys)
            {
                writer.WriteStringValue(key);
            }
            writer.WriteEndArray();
        }
        writer.WriteString("x-kubernetes-list-type"u8, field.ListType switch
        {
            ListType.Map => "map"u8,
            ListType.Set => "set"u8,
            _ => "atomic"u8,
        });
    }

    /// <summary>Where the Go type is no pointer: upstream then publishes its zero as the default.</summary>
    private static bool IsAlwaysThere(TypeSchema type, FieldSchema field) =>
        field.Required || (type.Kinds.Count > 0 && field.Name is "metadata" or "spec" or "status");

    private void WriteValue(ValueSchema value, bool isAlwaysThere)
    {
        if (SchemaClosure.NameOf(value) is { Length: > 0 } name)
        {
            WriteNamed(value, name, isAlwaysThere);
            return;
        }
        switch (value.Kind)
        {
            case ValueKind.List:
                writer.WriteString("type"u8, "array"u8);
                WritePart("items"u8, value.Item!);
                break;
            case ValueKind.Map:
                writer.WriteString("type"u8, "object"u8);
                WritePart("additionalProperties"u8, value.Item!);
                break;
            default:
                WritePlain(value.Kind, isAlwaysThere);
                break;
        }
    }

    private void WritePart(ReadOnlySpan<byte> name, ValueSchema item)
    {
        writer.WriteStartObject(name);
        WriteValue(item, isAlwaysThere: true);
        writer.WriteEndObject();
    }

    /// <summary>In OpenAPI 3.0 a reference has no neighbours, so what stands beside one goes around it.</summary>
    private void WriteNamed(ValueSchema value, string name, bool isAlwaysThere)
    {
        if (dialect == OpenApiDialect.V2)
        {
            WriteReference(name);
            return;
        }
        writer.WriteStartArray("allOf"u8);
        writer.WriteStartObject();
        WriteReference(name);
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (isAlwaysThere && value.Kind == ValueKind.Object)
        {
            writer.WriteStartObject("default"u8);
            writer.WriteEndObject();
        }
    }

    private void WritePlain(ValueKind kind, bool isAlwaysThere)
    {
        var (type, format) = kind switch
        {
            ValueKind.Bytes => ("string", "byte"),
            ValueKind.Bool => ("boolean", ""),
            ValueKind.Int32 => ("integer", "int32"),
            ValueKind.Int64 => ("integer", "int64"),
            ValueKind.Number => ("number", "double"),
            ValueKind.String => ("string", ""),
            _ => ("", ""),
        };
        WriteTypeAndFormat(type, format);
        if (dialect == OpenApiDialect.V2 || !isAlwaysThere)
        {
            return;
        }
        switch (kind)
        {
            case ValueKind.String:
                writer.WriteString("default"u8, ""u8);
                break;
            case ValueKind.Bool:
                writer.WriteBoolean("default"u8, false);
                break;
            case ValueKind.Int32 or ValueKind.Int64 or ValueKind.Number:
                writer.WriteNumber("default"u8, 0);
                break;
        }
    }

    /// <summary>The types that are no objects with fields.</summary>
    private void WriteScalar(string name)
    {
        switch (name)
        {
            case "meta.v1.Time" or "meta.v1.MicroTime":
                WriteTypeAndFormat("string", "date-time");
                break;
            case "machinery.api.resource.Quantity" when dialect == OpenApiDialect.V3:
                WriteOneOf("string", "number");
                break;
            case "machinery.api.resource.Quantity":
                WriteTypeAndFormat("string", "");
                break;
            case "machinery.util.intstr.IntOrString" when dialect == OpenApiDialect.V3:
                writer.WriteString("format"u8, "int-or-string"u8);
                WriteOneOf("integer", "string");
                break;
            case "machinery.util.intstr.IntOrString":
                WriteTypeAndFormat("string", "int-or-string");
                break;
            case "meta.v1.FieldsV1" or "meta.v1.Patch" or "machinery.runtime.RawExtension":
                WriteTypeAndFormat("object", "");
                break;
        }
    }

    private static string? DescribeScalar(string name) => name switch
    {
        "meta.v1.Time" => "A time of whole seconds, as RFC 3339 writes it.",
        "meta.v1.MicroTime" => "A time with microseconds, as RFC 3339 writes it.",
        "machinery.api.resource.Quantity" => "A number with a suffix for its scale, such as 500m, 2, 1.5Gi or 12e6.",
        "machinery.util.intstr.IntOrString" => "An integer, or a string such as the name of a port or 25%.",
        "machinery.runtime.RawExtension" => "An object of any kind.",
        "meta.v1.FieldsV1" => "A set of fields as a tree: a key f:NAME for each field, k:KEYS or v:VALUE for each item of a list, and . for the object itself.",
        "meta.v1.Patch" => "A change to an object, in the form that its media type tells.",
        _ => null,
    };

    private void WriteOneOf(string first, string second)
    {
        writer.WriteStartArray("oneOf"u8);
        foreach (var type in (ReadOnlySpan<string>)[first, second])
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, type);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private void WriteTypeAndFormat(string type, string format)
    {
        if (type.Length > 0)
        {
            writer.WriteString("type"u8, type);
        }
        if (format.Length > 0)
        {
            writer.WriteString("format"u8, format);
        }
    }

    private void WriteKinds(TypeSchema type)
    {
        if (type.Kinds.Count == 0)
        {
            return;
        }
        writer.WriteStartArray("x-kubernetes-group-version-kind"u8);
        foreach (var kind in type.Kinds)
        {
            writer.WriteStartObject();
            writer.WriteString("group"u8, kind.Group);
            writer.WriteString("kind"u8, kind.Kind);
            writer.WriteString("version"u8, kind.Version);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private void WriteDescription(string? description)
    {
        if (description is { Length: > 0 })
        {
            writer.WriteString("description"u8, description);
        }
    }

    private static string Spell(PatchStrategies strategies)
    {
        var words = new List<string>(2);
        if (strategies.HasFlag(PatchStrategies.Merge))
        {
            words.Add("merge");
        }
        if (strategies.HasFlag(PatchStrategies.Replace))
        {
            words.Add("replace");
        }
        if (strategies.HasFlag(PatchStrategies.RetainKeys))
        {
            words.Add("retainKeys");
        }
        return string.Join(',', words);
    }
}
