using System.Globalization;
using System.Text.Json.Nodes;

namespace Kybernet.Network.Gateways.Definitions;

/// <summary>Writes the CustomResourceDefinitions of the Gateway API's kinds.</summary>
internal sealed class DefinitionBuilder(FactTable facts)
{
    /// <summary>The release of the Gateway API whose standard channel the facts are of.</summary>
    public const string BundleVersion = "v1.5.1";

    public const string BundleVersionAnnotation = "gateway.networking.k8s.io/bundle-version";

    private const string ApprovedAnnotation = "api-approved.kubernetes.io";
    private const string Approval = "https://github.com/kubernetes-sigs/gateway-api/pull/891";

    public JsonObject Build(KindFact kind)
    {
        var versions = new JsonArray(Version(kind, kind.Version, isStored: true));
        if (kind.OlderVersion is { } older)
        {
            versions.Add((JsonNode)Version(kind, older, isStored: false));
        }
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{kind.Plural}.{kind.Group}",
                ["annotations"] = new JsonObject
                {
                    [ApprovedAnnotation] = Approval,
                    [BundleVersionAnnotation] = BundleVersion,
                    ["gateway.networking.k8s.io/channel"] = "standard",
                },
            },
            ["spec"] = new JsonObject
            {
                ["group"] = kind.Group,
                ["names"] = Names(kind),
                ["scope"] = kind.IsNamespaced ? "Namespaced" : "Cluster",
                ["versions"] = versions,
            },
        };
    }

    private static JsonObject Names(KindFact kind)
    {
        var names = new JsonObject
        {
            ["categories"] = new JsonArray("gateway-api"),
            ["kind"] = kind.Kind,
            ["listKind"] = kind.Kind + "List",
            ["plural"] = kind.Plural,
            ["singular"] = kind.Kind.ToLowerInvariant(),
        };
        if (kind.ShortName is { } shortName)
        {
            names["shortNames"] = new JsonArray(shortName);
        }
        return names;
    }

    private JsonObject Version(KindFact kind, string version, bool isStored)
    {
        var columns = new JsonArray();
        foreach (var column in kind.Columns)
        {
            var shown = new JsonObject { ["name"] = column.Name, ["type"] = column.Type, ["jsonPath"] = column.Path };
            if (column.IsWide)
            {
                shown["priority"] = 1;
            }
            columns.Add((JsonNode)shown);
        }
        var type = $"gateway.{kind.Version}.{kind.Kind}";
        var result = new JsonObject
        {
            ["name"] = version,
            ["served"] = true,
            ["storage"] = isStored,
            ["additionalPrinterColumns"] = columns,
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = TypeSchema(type) },
        };
        if (facts.Fields(type).Any(static field => field.Name == "status"))
        {
            result["subresources"] = new JsonObject { ["status"] = new JsonObject() };
        }
        return result;
    }

    private JsonObject TypeSchema(string type)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var field in facts.Fields(type))
        {
            properties[field.Name] = FieldSchema(field);
            if (field.IsRequired)
            {
                required.Add((JsonNode)JsonValue.Create(field.Name));
            }
        }
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }
        return schema;
    }

    private JsonObject FieldSchema(FieldFact field)
    {
        var schema = ValueSchema(field.Type);
        foreach (var (word, value) in field.Words)
        {
            if (word == "rule")
            {
                // A rule is about the strings or numbers themselves, of a list or map about each.
                Apply(schema["items"] as JsonObject ?? schema["additionalProperties"] as JsonObject ?? schema, facts.Rule(value));
            }
            else
            {
                Apply(schema, word, value);
            }
        }
        return schema;
    }

    private JsonObject ValueSchema(string type)
    {
        if (type.StartsWith("[]", StringComparison.Ordinal))
        {
            return new JsonObject { ["type"] = "array", ["items"] = ValueSchema(type[2..]) };
        }
        if (type.StartsWith("map<", StringComparison.Ordinal))
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = ValueSchema(type[4..^1]) };
        }
        return type switch
        {
            "string" or "boolean" => new JsonObject { ["type"] = type },
            "integer:int32" or "integer:int64" => new JsonObject { ["type"] = "integer", ["format"] = type[8..] },
            "meta.v1.Time" => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            "meta.v1.ObjectMeta" => new JsonObject { ["type"] = "object" },
            _ => TypeSchema(type),
        };
    }

    private static void Apply(JsonObject schema, IReadOnlyList<KeyValuePair<string, string>> words)
    {
        foreach (var (word, value) in words)
        {
            Apply(schema, word, value);
        }
    }

    private static void Apply(JsonObject schema, string word, string value)
    {
        switch (word)
        {
            case "list":
                schema["x-kubernetes-list-type"] = value;
                break;
            case "keys":
                schema["x-kubernetes-list-map-keys"] = new JsonArray(value);
                break;
            case "map":
                schema["x-kubernetes-map-type"] = value;
                break;
            case "enum":
                var isNumber = schema["type"]!.GetValue<string>() == "integer";
                schema["enum"] = new JsonArray([.. value.Split(',').Select(item => isNumber ? Number(item) : JsonValue.Create(item))]);
                break;
            case "default":
                schema["default"] = JsonNode.Parse(value);
                break;
            case "pattern":
                schema["pattern"] = value;
                break;
            default:
                schema[word] = Number(value);
                break;
        }
    }

    private static JsonValue Number(string text) => JsonValue.Create(long.Parse(text, CultureInfo.InvariantCulture));
}
