using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Protobuf;
using Kybernet.Api.Schema;
using Kybernet.Api.Yaml;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest;

/// <summary>Reads the object in a request's body: JSON or YAML, held to the schema of the kind that the path wants.</summary>
internal static class BodyDecoder
{
    /// <summary>The media types of objects that are understood.</summary>
    public const string Accepted = "application/json, application/yaml, " + ProtobufDecoder.MediaType;

    /// <summary>Reads an object, prunes what its type does not have, and checks that it says the kind that is wanted (or none).</summary>
    /// <exception cref="ApiError">400: the body is malformed, of another kind, or has unknown fields though validation is strict. 415: not JSON or YAML.</exception>
    public static JsonObject Decode(ApiRequest request, GroupVersionKind kind, TypeSchema schema, FieldValidation validation)
    {
        if (request.Body.IsEmpty)
        {
            throw ApiError.BadRequest($"Object 'Kind' is missing in ''");
        }
        return Decode(ToJson(request), kind, schema, validation, request.Warnings);
    }

    /// <summary>Reads an object out of UTF-8 JSON.</summary>
    /// <exception cref="ApiError">400: as above.</exception>
    public static JsonObject Decode(ReadOnlySpan<byte> json, GroupVersionKind kind, TypeSchema schema, FieldValidation validation, List<string> warnings)
    {
        try
        {
            var result = SchemaDecoder.Decode(json, schema);
            if (result.StrictErrors.Count > 0)
            {
                if (validation == FieldValidation.Strict)
                {
                    throw ApiError.BadRequest(SchemaDecodeException.ExplainStrict(kind, result.StrictErrors));
                }
                if (validation == FieldValidation.Warn)
                {
                    warnings.AddRange(result.StrictErrors);
                }
            }
            CheckKind(result.Object, kind);
            return result.Object;
        }
        catch (SchemaDecodeException exception)
        {
            throw ApiError.BadRequest(SchemaDecodeException.Explain(kind, exception.Message));
        }
    }

    /// <summary>The body as UTF-8 JSON.</summary>
    /// <exception cref="ApiError">400: it is malformed YAML. 415: neither JSON nor YAML.</exception>
    public static ReadOnlySpan<byte> ToJson(ApiRequest request)
    {
        var type = request.ContentType.AsSpan();
        var semicolon = type.IndexOf(';');
        type = (semicolon < 0 ? type : type[..semicolon]).Trim();
        if (type.Length == 0 || type is "application/json" or "*/*")
        {
            return request.Body.Span;
        }
        if (type is ProtobufDecoder.MediaType)
        {
            return FromProtobuf(request.Body.Span);
        }
        if (type is "application/yaml" or "application/x-yaml" or "text/yaml")
        {
            return YamlToJson(request.Body.Span);
        }
        throw ApiError.UnsupportedMediaType(Accepted);
    }

    private static byte[] FromProtobuf(ReadOnlySpan<byte> body)
    {
        try
        {
            return ProtobufDecoder.ToJson(body);
        }
        catch (FormatException exception)
        {
            throw ApiError.BadRequest(exception.Message);
        }
    }

    private static ReadOnlySpan<byte> YamlToJson(ReadOnlySpan<byte> yaml)
    {
        try
        {
            return YamlReader.Read(Encoding.UTF8.GetString(yaml)) is { } node ? ModelJson.ToUtf8(node) : "null"u8;
        }
        catch (YamlFormatException exception)
        {
            throw ApiError.BadRequest(exception.Message);
        }
    }

    /// <summary>An object may leave its kind out, since the path says it; it may not say another.</summary>
    private static void CheckKind(JsonObject item, GroupVersionKind kind)
    {
        var apiVersion = MetadataTree.Text(item, "apiVersion");
        var name = MetadataTree.Text(item, "kind");
        var expected = kind.GroupVersion.ToString();
        if (apiVersion.Length > 0 && apiVersion != expected)
        {
            throw ApiError.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({expected})");
        }
        if (name.Length > 0 && name != kind.Kind)
        {
            throw ApiError.BadRequest($"{name} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: the kind in the data does not match the expected kind");
        }
        item["apiVersion"] = expected;
        item["kind"] = kind.Kind;
    }
}
