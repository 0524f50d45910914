using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Protobuf;

/// <summary>
/// Turns objects of <c>application/vnd.kubernetes.protobuf</c>, which clients send for the built-in types, into their JSON.
/// </summary>
/// <remarks>
/// A body is four bytes of magic and an envelope: the object's version and kind, and its message. Go writes fields that are no pointers
/// whether they are set or not, so a zero there means nothing; a zero that means something is a field of <see cref="MeaningfulZeros"/>.
/// </remarks>
public static class ProtobufDecoder
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    /// <summary>Messages nest as deep as the types do, but for schemas of custom resources.</summary>
    private const int MaxDepth = 100;

    /// <summary>The fields that are pointers to Go: 0 and false are said there, and not left out.</summary>
    private static readonly HashSet<string> MeaningfulZeros = new(StringComparer.Ordinal)
    {
        "replicas", "minReplicas", "revisionHistoryLimit", "progressDeadlineSeconds", "terminationGracePeriodSeconds", "activeDeadlineSeconds",
        "runAsUser", "runAsGroup", "fsGroup", "priority", "completions", "parallelism", "backoffLimit", "ttlSecondsAfterFinished", "tolerationSeconds",
        "deletionGracePeriodSeconds", "gracePeriodSeconds", "expirationSeconds", "defaultMode", "mode", "partition", "startingDeadlineSeconds",
        "successfulJobsHistoryLimit", "failedJobsHistoryLimit", "leaseTransitions", "leaseDurationSeconds", "limit", "value", "optional",
        "automountServiceAccountToken", "allowPrivilegeEscalation", "controller", "blockOwnerDeletion", "runAsNonRoot", "readOnlyRootFilesystem",
        "privileged", "enableServiceLinks", "shareProcessNamespace", "setHostnameAsFQDN", "hostUsers", "immutable", "suspend", "orphanDependents",
        "ready", "serving", "terminating", "started", "allocateLoadBalancerNodePorts", "allowed", "denied", "authenticated",
    };

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>Turns a body into JSON.</summary>
    /// <exception cref="FormatException">It is no such body, or its kind is not a built-in one.</exception>
    public static byte[] ToJson(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
        {
            throw new FormatException("the body does not begin as protobuf of Kubernetes does");
        }

        var envelope = new ProtobufReader(body[Magic.Length..]);
        var (apiVersion, kind) = ("", "");
        ReadOnlySpan<byte> raw = default;
        while (envelope.Read())
        {
            if (envelope.Number == 1)
            {
                var type = new ProtobufReader(envelope.Content);
                while (type.Read())
                {
                    apiVersion = type.Number == 1 ? Encoding.UTF8.GetString(type.Content) : apiVersion;
                    kind = type.Number == 2 ? Encoding.UTF8.GetString(type.Content) : kind;
                }
            }
            else if (envelope.Number == 2)
            {
                raw = envelope.Content;
            }
        }

        var item = new JsonObject { ["apiVersion"] = JsonValue.Create(apiVersion), ["kind"] = JsonValue.Create(kind) };
        ReadFields(item, raw, MessageOf(apiVersion, kind), depth: 0);
        return Json.ModelJson.ToUtf8(item);
    }

    private static string MessageOf(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/');
        var gvk = slash < 0
            ? new GroupVersionKind("", apiVersion, kind)
            : new GroupVersionKind(apiVersion[..slash], apiVersion[(slash + 1)..], kind);
        // The options of a request come in the version of whatever they are for.
        var name = kind is "DeleteOptions" or "CreateOptions" or "UpdateOptions" or "PatchOptions" or "ListOptions" or "GetOptions"
            ? "meta.v1." + kind
            : ResourceSchema.BuiltIn.Find(gvk)?.Name;
        return name is not null && ProtobufSchema.Find(name) is not null
            ? name
            : throw new FormatException($"no kind \"{kind}\" is registered for version \"{apiVersion}\"");
    }

    private static void ReadFields(JsonObject target, ReadOnlySpan<byte> bytes, string message, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException("the protobuf message is nested too deep");
        }

        var fields = ProtobufSchema.Find(message) ?? throw new FormatException($"no message {message} is known");
        var schema = ResourceSchema.BuiltIn.Find(message);
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            if (!fields.TryGetValue(reader.Number, out var field))
            {
                continue; // of a newer client
            }
            switch (field.Shape)
            {
                case ProtobufShape.Repeated:
                    ReadRepeated(target, ref reader, field, depth);
                    break;
                case ProtobufShape.Map:
                    ReadEntry(target, reader.Content, field, depth);
                    break;
                default:
                    if (IsPartOfParent(schema, field))
                    {
                        ReadFields(target, reader.Content, field.Type, depth + 1);
                    }
                    else if (ReadValue(ref reader, field.Type, depth) is { } value && !IsUnset(value, field.Name))
                    {
                        target[field.Name] = value;
                    }
                    break;
            }
        }
    }

    /// <summary>What Go embeds is a message of its own in protobuf, and fields of its parent in JSON.</summary>
    private static bool IsPartOfParent(TypeSchema? schema, ProtobufField field) =>
        schema is not null && schema.Find(field.Name) is null && ProtobufSchema.Find(field.Type) is not null;

    private static bool IsUnset(JsonNode value, string field) => value is JsonValue scalar
        && ((scalar.TryGetValue(out string? text) && text.Length == 0)
            || (!MeaningfulZeros.Contains(field)
                && ((scalar.TryGetValue(out long number) && number == 0) || (scalar.TryGetValue(out bool flag) && !flag))));

    private static void ReadRepeated(JsonObject target, ref ProtobufReader reader, ProtobufField field, int depth)
    {
        if (target[field.Name] is not JsonArray items)
        {
            target[field.Name] = items = [];
        }
        if (reader.HasContent && field.Type is "int32" or "int64" or "bool" or "uint32" or "uint64")
        {
            var packed = reader.Content;
            while (!packed.IsEmpty)
            {
                items.Add((JsonNode)Number(ProtobufReader.ReadVarint(ref packed), field.Type));
            }
            return;
        }
        items.Add(ReadValue(ref reader, field.Type, depth));
    }

    private static void ReadEntry(JsonObject target, ReadOnlySpan<byte> bytes, ProtobufField field, int depth)
    {
        if (target[field.Name] is not JsonObject map)
        {
            target[field.Name] = map = [];
        }
        var key = "";
        JsonNode? value = field.Type is "string" or "bytes" ? JsonValue.Create("") : null;
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            if (reader.Number == 1)
            {
                key = Encoding.UTF8.GetString(reader.Content);
            }
            else
            {
                value = ReadValue(ref reader, field.Type, depth);
            }
        }
        map[key] = value;
    }

    private static JsonNode? ReadValue(ref ProtobufReader reader, string type, int depth) => type switch
    {
        "string" => JsonValue.Create(Encoding.UTF8.GetString(reader.Content)),
        "bytes" => JsonValue.Create(Convert.ToBase64String(reader.Content)),
        "bool" or "int32" or "int64" or "uint32" or "uint64" => Number(reader.Value, type),
        "double" => JsonValue.Create(BitConverter.UInt64BitsToDouble(reader.Value)),
        "float" => JsonValue.Create(BitConverter.UInt32BitsToSingle((uint)reader.Value)),
        "meta.v1.Time" or "meta.v1.MicroTime" => ReadTime(reader.Content, type == "meta.v1.MicroTime"),
        "machinery.api.resource.Quantity" => ReadText(reader.Content),
        "machinery.util.intstr.IntOrString" => ReadIntOrString(reader.Content),
        "machinery.runtime.RawExtension" or "meta.v1.FieldsV1" => ReadJson(reader.Content),
        _ => ReadMessage(reader.Content, type, depth),
    };

    private static JsonValue Number(ulong value, string type) => type switch
    {
        "bool" => JsonValue.Create(value != 0),
        "uint64" => JsonValue.Create(value),
        _ => JsonValue.Create((long)value),
    };

    private static JsonNode ReadMessage(ReadOnlySpan<byte> bytes, string type, int depth)
    {
        var item = new JsonObject();
        ReadFields(item, bytes, type, depth + 1);
        // Protobuf has no map of lists: a message of its own stands for the list.
        if (type.EndsWith(".ExtraValue", StringComparison.Ordinal) || type == "meta.v1.Verbs")
        {
            return item["items"]?.DeepClone() ?? new JsonArray();
        }
        return item;
    }

    private static JsonValue? ReadTime(ReadOnlySpan<byte> bytes, bool isMicro)
    {
        var (seconds, nanoseconds) = (0L, 0L);
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            seconds = reader.Number == 1 ? (long)reader.Value : seconds;
            nanoseconds = reader.Number == 2 ? (long)reader.Value : nanoseconds;
        }
        if (seconds == 0 && nanoseconds == 0)
        {
            return null; // no time at all, to Go
        }
        try
        {
            var time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100);
            var format = isMicro ? "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'" : "yyyy-MM-dd'T'HH:mm:ss'Z'";
            return JsonValue.Create(time.ToString(format, CultureInfo.InvariantCulture));
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new FormatException("a time is out of range", e);
        }
    }

    private static JsonValue ReadText(ReadOnlySpan<byte> bytes)
    {
        var text = "";
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            text = reader.Number == 1 ? Encoding.UTF8.GetString(reader.Content) : text;
        }
        return JsonValue.Create(text.Length == 0 ? "0" : text);
    }

    private static JsonValue ReadIntOrString(ReadOnlySpan<byte> bytes)
    {
        var (isText, number, text) = (false, 0L, "");
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            switch (reader.Number)
            {
                case 1:
                    isText = reader.Value == 1;
                    break;
                case 2:
                    number = (int)reader.Value;
                    break;
                case 3:
                    text = Encoding.UTF8.GetString(reader.Content);
                    break;
            }
        }
        return isText ? JsonValue.Create(text) : JsonValue.Create(number);
    }

    private static JsonNode? ReadJson(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(bytes);
        JsonNode? json = null;
        while (reader.Read())
        {
            if (reader.Number == 1 && reader.Content.Length > 0)
            {
                try
                {
                    json = JsonNode.Parse(reader.Content);
                }
                catch (System.Text.Json.JsonException e)
                {
                    throw new FormatException("what the protobuf message carries is not JSON", e);
                }
            }
        }
        return json;
    }
}
