using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.ApiServer.CustomResources;

namespace Kybernet.ApiServer.OpenApi;

/// <summary>Writes the types of custom resources: their definitions' schemas, with what every object has.</summary>
internal static class CustomSchemaWriter
{
    private const string ObjectMeta = "meta.v1.ObjectMeta";
    private const string ListMeta = "meta.v1.ListMeta";

    // The older form of documents has no words for these, and clients of it stumble over them.
    private static readonly string[] NotInV2 = ["oneOf", "anyOf", "allOf", "not", "nullable", "default", "x-kubernetes-validations", "example", "id", "$schema"];

    /// <summary>Writes the properties of a custom resource's type.</summary>
    public static void WriteType(Utf8JsonWriter writer, CustomVersion version, OpenApiDialect dialect, Func<string, JsonObject> reference)
    {
        var schema = version.Version.Schema?.OpenAPIV3Schema is { } props ? ModelJson.ToTree(props) : new JsonObject { ["type"] = "object" };
        if (dialect == OpenApiDialect.V2)
        {
            Simplify(schema);
        }
        if (schema["properties"] is not JsonObject properties)
        {
            schema["properties"] = properties = [];
        }
        AddHeader(properties, reference(ObjectMeta));
        AddKind(schema, version.Info.Kind);
        WriteFields(writer, schema);
    }

    /// <summary>Writes the properties of the type of a custom resource's lists.</summary>
    public static void WriteList(Utf8JsonWriter writer, CustomVersion version, Func<string, JsonObject> reference)
    {
        var properties = new JsonObject { ["items"] = new JsonObject { ["type"] = "array", ["items"] = reference(version.TypeName) } };
        AddHeader(properties, reference(ListMeta));
        var schema = new JsonObject { ["type"] = "object", ["required"] = new JsonArray("items"), ["properties"] = properties };
        AddKind(schema, SchemaClosure.ListKind(version.Info.Kind));
        WriteFields(writer, schema);
    }

    private static void AddHeader(JsonObject properties, JsonObject metadata)
    {
        properties["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = "The group and version that the object is written in." };
        properties["kind"] = new JsonObject { ["type"] = "string", ["description"] = "The kind of the object." };
        properties["metadata"] = metadata;
    }

    private static void AddKind(JsonObject schema, GroupVersionKind kind) => schema["x-kubernetes-group-version-kind"] =
        new JsonArray(new JsonObject { ["group"] = kind.Group, ["kind"] = kind.Kind, ["version"] = kind.Version });

    private static void Simplify(JsonObject schema)
    {
        if (JsonValues.Bool(schema["nullable"]) == true || JsonValues.Bool(schema["x-kubernetes-preserve-unknown-fields"]) == true)
        {
            schema.Remove("type"); // which would keep clients from sending null, or what the schema does not know
            schema.Remove("properties");
            schema.Remove("items");
        }
        foreach (var name in NotInV2)
        {
            schema.Remove(name);
        }
        foreach (var (_, property) in schema["properties"] as JsonObject ?? [])
        {
            Simplify((JsonObject)property!);
        }
        foreach (var part in (ReadOnlySpan<string>)["items", "additionalProperties"])
        {
            if (schema[part] is JsonObject inner)
            {
                Simplify(inner);
            }
        }
    }

    private static void WriteFields(Utf8JsonWriter writer, JsonObject schema)
    {
        foreach (var (name, value) in schema)
        {
            writer.WritePropertyName(name);
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }
    }
}
