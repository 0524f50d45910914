using System.Text.Json;
using Kybernet.Api;
using Kybernet.Api.Schema;

namespace Kybernet.ApiServer.OpenApi;

/// <summary>Writes a resource's paths with what may be asked of them.</summary>
internal sealed class PathWriter(Utf8JsonWriter writer, OpenApiDialect dialect, ApiTypes types, SchemaWriter schemas)
{
    private readonly ParameterWriter _parameters = new(writer, dialect);

    /// <summary>Writes the paths of a resource and its subresources as properties.</summary>
    public void Write(ResourceInfo resource)
    {
        var version = resource.Resource.GroupVersion;
        var root = version.Group.Length == 0 ? $"/api/{version.Version}" : $"/apis/{version}";
        var scope = resource.Namespaced ? "Namespaced" : "";
        var collection = resource.Namespaced ? $"{root}/namespaces/{{namespace}}/{resource.Resource.Resource}" : $"{root}/{resource.Resource.Resource}";
        WritePath(collection, resource, Operation.OfCollection(resource), scope + resource.Kind.Kind);
        WritePath($"{collection}/{{name}}", resource, Operation.OfObject(resource), scope + resource.Kind.Kind);
        foreach (var subresource in resource.Subresources)
        {
            WritePath(
                $"{collection}/{{name}}/{subresource.SubresourceName}",
                subresource,
                Operation.OfSubresource(subresource),
                scope + resource.Kind.Kind + Capitalise(subresource.SubresourceName));
        }
        if (resource.Namespaced)
        {
            WritePath($"{root}/{resource.Resource.Resource}", resource, Operation.OfAllNamespaces(resource), resource.Kind.Kind + "ForAllNamespaces");
        }
    }

    private void WritePath(string path, ResourceInfo resource, IReadOnlyList<Operation> operations, string subject)
    {
        if (operations.Count == 0)
        {
            return;
        }
        writer.WriteStartObject(path);
        foreach (var operation in operations)
        {
            WriteOperation(operation, resource, subject);
        }
        writer.WriteStartArray("parameters"u8);
        _parameters.WritePath(path);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteOperation(Operation operation, ResourceInfo resource, string subject)
    {
        writer.WriteStartObject(operation.Method);
        writer.WriteStartArray("tags"u8);
        writer.WriteStringValue(Tag(resource.Resource.GroupVersion));
        writer.WriteEndArray();
        writer.WriteString("operationId"u8, Id(operation, resource.Resource.GroupVersion, subject));
        var body = operation.HasBody ? BodyOf(operation, resource) : null;
        if (dialect == OpenApiDialect.V2)
        {
            WriteMediaTypes("consumes"u8, operation.Action == "patch" ? PatchTypesOf(resource) : ["*/*"]);
            WriteMediaTypes("produces"u8, [operation.Action == "connect" ? "*/*" : "application/json"]);
        }
        writer.WriteStartArray("parameters"u8);
        _parameters.WriteQuery(operation.Action);
        if (body is not null && dialect == OpenApiDialect.V2)
        {
            WriteBodyParameter(body, operation);
        }
        writer.WriteEndArray();
        if (body is not null && dialect == OpenApiDialect.V3)
        {
            WriteRequestBody(body, operation, resource);
        }
        WriteResponses(operation, resource);
        writer.WriteString("x-kubernetes-action"u8, operation.Action);
        writer.WriteStartObject("x-kubernetes-group-version-kind"u8);
        writer.WriteString("group"u8, resource.Kind.Group);
        writer.WriteString("kind"u8, resource.Kind.Kind);
        writer.WriteString("version"u8, resource.Kind.Version);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>By these clients choose how to patch: custom resources take no strategic merge patches.</summary>
    private string[] PatchTypesOf(ResourceInfo resource) => types.IsCustom(resource.Kind)
        ? ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"]
        : ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"];

    private string? BodyOf(Operation operation, ResourceInfo resource) => operation.Action switch
    {
        "patch" => "meta.v1.Patch",
        "delete" or "deletecollection" => "meta.v1.DeleteOptions",
        _ => types.NameOf(resource.Kind),
    };

    private string? AnswerOf(Operation operation, ResourceInfo resource) => operation.Action switch
    {
        "delete" or "deletecollection" => "meta.v1.Status",
        "list" => types.NameOf(SchemaClosure.ListKind(resource.Kind)),
        "connect" => null,
        _ => types.NameOf(resource.Kind),
    };

    private void WriteBodyParameter(string type, Operation operation)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, "body"u8);
        writer.WriteString("in"u8, "body"u8);
        if (IsBodyRequired(operation))
        {
            writer.WriteBoolean("required"u8, true);
        }
        WriteSchema(type);
        writer.WriteEndObject();
    }

    private void WriteRequestBody(string type, Operation operation, ResourceInfo resource)
    {
        writer.WriteStartObject("requestBody"u8);
        writer.WriteStartObject("content"u8);
        foreach (var mediaType in operation.Action == "patch" ? PatchTypesOf(resource) : ["*/*"])
        {
            writer.WriteStartObject(mediaType);
            WriteSchema(type);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        if (IsBodyRequired(operation))
        {
            writer.WriteBoolean("required"u8, true);
        }
        writer.WriteEndObject();
    }

    private static bool IsBodyRequired(Operation operation) => operation.Action is "post" or "put" or "patch";

    private void WriteResponses(Operation operation, ResourceInfo resource)
    {
        var answer = AnswerOf(operation, resource);
        writer.WriteStartObject("responses"u8);
        WriteResponse("200"u8, "OK"u8, answer);
        if (operation.Action is "post" or "put" or "patch")
        {
            WriteResponse("201"u8, "Created"u8, answer);
        }
        if (operation.Action is "post" or "delete")
        {
            WriteResponse("202"u8, "Accepted"u8, answer);
        }
        WriteResponse("401"u8, "Unauthorized"u8, null);
        writer.WriteEndObject();
    }

    private void WriteResponse(ReadOnlySpan<byte> code, ReadOnlySpan<byte> description, string? type)
    {
        writer.WriteStartObject(code);
        writer.WriteString("description"u8, description);
        if (type is not null && dialect == OpenApiDialect.V2)
        {
            WriteSchema(type);
        }
        else if (type is not null)
        {
            writer.WriteStartObject("content"u8);
            writer.WriteStartObject("application/json"u8);
            WriteSchema(type);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private void WriteSchema(string type)
    {
        writer.WriteStartObject("schema"u8);
        schemas.WriteReference(type);
        writer.WriteEndObject();
    }

    private void WriteMediaTypes(ReadOnlySpan<byte> name, ReadOnlySpan<string> types)
    {
        writer.WriteStartArray(name);
        foreach (var type in types)
        {
            writer.WriteStringValue(type);
        }
        writer.WriteEndArray();
    }

    /// <summary>As in <c>replaceCoreV1NamespacedPodStatus</c>.</summary>
    private static string Id(Operation operation, GroupVersion version, string subject)
    {
        var group = GroupName(version.Group);
        var version1 = Capitalise(version.Version);
        return operation.Action switch
        {
            "deletecollection" => $"delete{group}{version1}Collection{subject}",
            "connect" => $"connect{group}{version1}{Capitalise(operation.Method)}{subject}",
            _ => $"{operation.IdVerb}{group}{version1}{subject}",
        };
    }

    private static string Tag(GroupVersion version)
    {
        var name = GroupName(version.Group);
        return $"{char.ToLowerInvariant(name[0])}{name[1..]}_{version.Version}";
    }

    /// <summary>As in <c>RbacAuthorization</c>.</summary>
    private static string GroupName(string group)
    {
        const string suffix = ".k8s.io";
        var stem = group.EndsWith(suffix, StringComparison.Ordinal) ? group[..^suffix.Length] : group;
        return stem.Length == 0 ? "Core" : string.Concat(stem.Split('.').Select(Capitalise));
    }

    private static string Capitalise(string word) => word.Length == 0 ? "" : $"{char.ToUpperInvariant(word[0])}{word[1..]}";
}
