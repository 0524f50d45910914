using System.Text.Json;
using Kybernet.Api;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.CustomResources;

namespace Kybernet.ApiServer.OpenApi;

/// <summary>Writes the documents that describe the API: an index, one for each group and version, and one of everything for older clients.</summary>
internal sealed class OpenApiDocuments(Catalog catalog)
{
    // Descriptions are prose: nothing in it needs to be escaped for the sake of HTML.
    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ApiTypes _types = new(catalog);

    /// <summary>
    /// A tag of everything that is written here. The documents are a function of the tables, the code and the definitions of custom resources, so the
    /// identity of the binaries, which builds derive from what they compile, tells them apart without anything having to be written first.
    /// </summary>
    public string Tag { get; } =
        $"{typeof(ResourceSchema).Module.ModuleVersionId:N}{typeof(OpenApiDocuments).Module.ModuleVersionId:N}{catalog.Tag}".ToUpperInvariant();

    /// <summary>Whether there are resources of a group and version.</summary>
    public bool Serves(GroupVersion version) => catalog.Registry.In(version).Any();

    /// <summary>Writes the list of the version 3 documents.</summary>
    public void WriteIndex(Stream output)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteStartObject("paths"u8);
        foreach (var group in catalog.Registry.Groups)
        {
            foreach (var version in group.Versions)
            {
                var path = group.Name.Length == 0 ? $"api/{version}" : $"apis/{group.Name}/{version}";
                writer.WriteStartObject(path);
                writer.WriteString("serverRelativeURL"u8, $"/openapi/v3/{path}?hash={Tag}");
                writer.WriteEndObject();
            }
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Writes the version 3 document of a group and version.</summary>
    public void WriteV3(Stream output, GroupVersion version)
    {
        var resources = catalog.Registry.In(version).ToList();
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteString("openapi"u8, "3.0.0"u8);
        WriteInfo(writer);
        var types = SchemaClosure.Of(_types, resources);
        var schemas = new SchemaWriter(writer, OpenApiDialect.V3, _types, FieldDescriptions.Read(types).Find);
        WritePaths(writer, OpenApiDialect.V3, resources, schemas);
        writer.WriteStartObject("components"u8);
        writer.WriteStartObject("schemas"u8);
        WriteTypes(writer, types, schemas);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Writes the version 2 document.</summary>
    public void WriteV2(Stream output)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteString("swagger"u8, "2.0"u8);
        WriteInfo(writer);
        var types = SchemaClosure.Of(_types, catalog.Registry.Resources);
        var schemas = new SchemaWriter(writer, OpenApiDialect.V2, _types, FieldDescriptions.Read(types).Find);
        WritePaths(writer, OpenApiDialect.V2, catalog.Registry.Resources, schemas);
        writer.WriteStartObject("definitions"u8);
        WriteTypes(writer, types, schemas);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Writes the version 2 document in its protobuf form.</summary>
    public void WriteV2Protobuf(Stream output)
    {
        using var json = new MemoryStream();
        WriteV2(json);
        using var document = JsonDocument.Parse(json.GetBuffer().AsMemory(0, (int)json.Length));
        SwaggerProtobuf.Write(document.RootElement, output);
    }

    private static void WriteInfo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("info"u8);
        writer.WriteString("title"u8, "Kubernetes"u8);
        writer.WriteString("version"u8, ServerVersion.Git);
        writer.WriteEndObject();
    }

    private void WritePaths(Utf8JsonWriter writer, OpenApiDialect dialect, IEnumerable<ResourceInfo> resources, SchemaWriter schemas)
    {
        writer.WriteStartObject("paths"u8);
        var paths = new PathWriter(writer, dialect, _types, schemas);
        foreach (var resource in resources)
        {
            paths.Write(resource);
            writer.Flush(); // to the compressor, so that no document is ever held whole
        }
        writer.WriteEndObject();
    }

    private static void WriteTypes(Utf8JsonWriter writer, IEnumerable<string> names, SchemaWriter schemas)
    {
        foreach (var name in names)
        {
            schemas.WriteType(name);
            writer.Flush();
        }
    }
}
