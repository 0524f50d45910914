using System.Text.Json;

namespace Kybernet.ApiServer.OpenApi;

/// <summary>
/// Turns the Swagger 2.0 document into the protobuf form of it (gnostic's <c>openapi.v2.Document</c>), the only one that the Go client asks
/// <c>/openapi/v2</c> for. It knows what <see cref="OpenApiDocuments"/> writes; the numbers are those of the fields.
/// </summary>
internal sealed class SwaggerProtobuf
{
    private readonly ProtobufMessageWriter _writer = new();

    private SwaggerProtobuf()
    {
    }

    /// <summary>The protobuf form of a document.</summary>
    public static void Write(JsonElement document, Stream output)
    {
        var form = new SwaggerProtobuf();
        form.Document(document);
        output.Write(form._writer.Written);
    }

    private void Document(JsonElement document)
    {
        Text(1, document, "swagger");
        var info = _writer.Begin(2);
        Text(1, document.GetProperty("info"), "title");
        Text(2, document.GetProperty("info"), "version");
        _writer.End(info);
        var paths = _writer.Begin(8);
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            Named(2, path, PathItem);
        }
        _writer.End(paths);
        var definitions = _writer.Begin(9);
        foreach (var definition in document.GetProperty("definitions").EnumerateObject())
        {
            Named(1, definition, Schema);
        }
        _writer.End(definitions);
    }

    private void PathItem(JsonElement item)
    {
        foreach (var property in item.EnumerateObject())
        {
            if (property.Name == "parameters")
            {
                Parameters(9, property.Value);
                continue;
            }
            var operation = _writer.Begin(property.Name switch
            {
                "get" => 2,
                "put" => 3,
                "post" => 4,
                "delete" => 5,
                "options" => 6,
                "head" => 7,
                "patch" => 8,
                _ => throw new InvalidOperationException($"a path has no {property.Name}"),
            });
            Operation(property.Value);
            _writer.End(operation);
        }
    }

    private void Operation(JsonElement operation)
    {
        Texts(1, operation, "tags");
        Text(5, operation, "operationId");
        Texts(6, operation, "produces");
        Texts(7, operation, "consumes");
        Parameters(8, operation.GetProperty("parameters"));
        var responses = _writer.Begin(9);
        foreach (var response in operation.GetProperty("responses").EnumerateObject())
        {
            Named(1, response, Response);
        }
        _writer.End(responses);
        Extensions(13, operation);
    }

    private void Parameters(int field, JsonElement parameters)
    {
        foreach (var parameter in parameters.EnumerateArray())
        {
            var item = _writer.Begin(field);
            var inner = _writer.Begin(1);
            switch (parameter.GetProperty("in").GetString())
            {
                case "body":
                    BodyParameter(parameter);
                    break;
                case "path":
                    OtherParameter(parameter, 4, type: 5, uniqueItems: 19);
                    break;
                default:
                    OtherParameter(parameter, 3, type: 6, uniqueItems: 20);
                    break;
            }
            _writer.End(inner);
            _writer.End(item);
        }
    }

    private void BodyParameter(JsonElement parameter)
    {
        var body = _writer.Begin(1);
        Text(2, parameter, "name");
        Text(3, parameter, "in");
        True(4, parameter, "required");
        Nested(5, parameter, "schema", Schema);
        _writer.End(body);
    }

    private void OtherParameter(JsonElement parameter, int place, int type, int uniqueItems)
    {
        var other = _writer.Begin(2);
        var inner = _writer.Begin(place);
        True(1, parameter, "required");
        Text(2, parameter, "in");
        Text(3, parameter, "description");
        Text(4, parameter, "name");
        Text(type, parameter, "type");
        True(uniqueItems, parameter, "uniqueItems");
        _writer.End(inner);
        _writer.End(other);
    }

    private void Response(JsonElement response)
    {
        var value = _writer.Begin(1);
        Text(1, response, "description");
        if (response.TryGetProperty("schema", out _))
        {
            var item = _writer.Begin(2);
            Nested(1, response, "schema", Schema);
            _writer.End(item);
        }
        _writer.End(value);
    }

    private void Schema(JsonElement schema)
    {
        Text(1, schema, "$ref");
        Text(2, schema, "format");
        Text(4, schema, "description");
        Texts(19, schema, "required");
        Wrapped(21, schema, "additionalProperties");
        if (schema.TryGetProperty("type", out _))
        {
            var type = _writer.Begin(22);
            Text(1, schema, "type");
            _writer.End(type);
        }
        Wrapped(23, schema, "items");
        if (schema.TryGetProperty("properties", out var properties))
        {
            var map = _writer.Begin(25);
            foreach (var property in properties.EnumerateObject())
            {
                Named(1, property, Schema);
            }
            _writer.End(map);
        }
        Extensions(31, schema);
    }

    /// <summary>A schema in a message of its own.</summary>
    private void Wrapped(int field, JsonElement parent, string name)
    {
        if (parent.TryGetProperty(name, out _))
        {
            var wrapper = _writer.Begin(field);
            Nested(1, parent, name, Schema);
            _writer.End(wrapper);
        }
    }

    private void Nested(int field, JsonElement parent, string name, Action<JsonElement> write)
    {
        var start = _writer.Begin(field);
        write(parent.GetProperty(name));
        _writer.End(start);
    }

    /// <summary>An entry of a map.</summary>
    private void Named(int field, JsonProperty property, Action<JsonElement> write)
    {
        var entry = _writer.Begin(field);
        _writer.Text(1, property.Name);
        var value = _writer.Begin(2);
        write(property.Value);
        _writer.End(value);
        _writer.End(entry);
    }

    /// <summary>Extensions have no form of their own: they are YAML, which JSON is.</summary>
    private void Extensions(int field, JsonElement parent)
    {
        foreach (var property in parent.EnumerateObject())
        {
            if (property.Name.StartsWith("x-", StringComparison.Ordinal))
            {
                Named(field, property, value => _writer.Text(2, value.GetRawText()));
            }
        }
    }

    private void Text(int field, JsonElement parent, string name)
    {
        if (parent.TryGetProperty(name, out var value))
        {
            _writer.Text(field, value.GetString()!);
        }
    }

    private void Texts(int field, JsonElement parent, string name)
    {
        if (parent.TryGetProperty(name, out var values))
        {
            foreach (var value in values.EnumerateArray())
            {
                _writer.Text(field, value.GetString()!);
            }
        }
    }

    private void True(int field, JsonElement parent, string name)
    {
        if (parent.TryGetProperty(name, out var value) && value.GetBoolean())
        {
            _writer.True(field);
        }
    }
}
