using System.Buffers;
using System.Text.Json;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Authentication;

namespace Kybernet.ApiServer.Audit.Events;

/// <summary>Writes events as objects of <c>audit.k8s.io/v1</c>.</summary>
internal static class AuditEventJson
{
    /// <summary>One event.</summary>
    public static ReadOnlyMemory<byte> Encode(AuditEvent item)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, ModelJson.WriterOptions))
        {
            Write(writer, item, withType: true);
        }
        return buffer.WrittenMemory;
    }

    /// <summary>A list of events.</summary>
    public static ReadOnlyMemory<byte> EncodeList(IReadOnlyList<AuditEvent> items)
    {
        var buffer = new ArrayBufferWriter<byte>(1024 * items.Count);
        using (var writer = new Utf8JsonWriter(buffer, ModelJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", "EventList");
            writer.WriteString("apiVersion", "audit.k8s.io/v1");
            writer.WriteStartObject("metadata");
            writer.WriteEndObject();
            writer.WriteStartArray("items");
            foreach (var item in items)
            {
                Write(writer, item, withType: false);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, AuditEvent item, bool withType)
    {
        writer.WriteStartObject();
        if (withType)
        {
            writer.WriteString("kind", "Event");
            writer.WriteString("apiVersion", "audit.k8s.io/v1");
        }
        writer.WriteString("level", item.Level.ToString());
        writer.WriteString("auditID", item.Id);
        writer.WriteString("stage", item.Stage.ToString());
        writer.WriteString("requestURI", item.RequestUri);
        writer.WriteString("verb", item.Request.Verb);
        WriteUser(writer, "user", item.User);
        if (item.ImpersonatedUser is { } impersonated)
        {
            WriteUser(writer, "impersonatedUser", impersonated);
        }
        WriteTexts(writer, "sourceIPs", item.SourceIPs);
        WriteText(writer, "userAgent", item.UserAgent);
        WriteObject(writer, item);
        if (item.ResponseStatus is { } status)
        {
            writer.WriteStartObject("responseStatus");
            writer.WriteStartObject("metadata");
            writer.WriteEndObject();
            WriteText(writer, "status", status.StatusValue ?? "");
            WriteText(writer, "message", status.Message ?? "");
            WriteText(writer, "reason", status.Reason ?? "");
            if (status.Details is { } details)
            {
                writer.WritePropertyName("details");
                writer.WriteRawValue(ModelJson.ToUtf8(details), skipInputValidation: true);
            }
            writer.WriteNumber("code", status.Code ?? 0);
            writer.WriteEndObject();
        }
        WriteBody(writer, "requestObject", item.RequestObject);
        WriteBody(writer, "responseObject", item.ResponseObject);
        writer.WritePropertyName("requestReceivedTimestamp");
        ModelWriter.MicroTime(writer, item.Received);
        writer.WritePropertyName("stageTimestamp");
        ModelWriter.MicroTime(writer, item.Time);
        if (item.Annotations.Count > 0)
        {
            writer.WriteStartObject("annotations");
            foreach (var (key, value) in item.Annotations)
            {
                writer.WriteString(key, value);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteUser(Utf8JsonWriter writer, string name, UserInfo user)
    {
        writer.WriteStartObject(name);
        WriteText(writer, "username", user.Name);
        WriteText(writer, "uid", user.Uid);
        WriteTexts(writer, "groups", user.Groups);
        if (user.Extra.Count > 0)
        {
            writer.WriteStartObject("extra");
            foreach (var (key, values) in user.Extra)
            {
                WriteTexts(writer, key, values);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter writer, AuditEvent item)
    {
        var request = item.Request;
        if (!request.IsResourceRequest)
        {
            return;
        }
        writer.WriteStartObject("objectRef");
        WriteText(writer, "resource", request.Resource);
        WriteText(writer, "namespace", request.Namespace.Length > 0 ? request.Namespace : item.Object?.Namespace ?? "");
        WriteText(writer, "name", request.Name.Length > 0 ? request.Name : item.Object?.Name ?? "");
        WriteText(writer, "uid", item.Object?.Uid ?? "");
        WriteText(writer, "apiGroup", request.ApiGroup);
        WriteText(writer, "apiVersion", request.ApiVersion);
        WriteText(writer, "resourceVersion", item.Object?.ResourceVersion ?? "");
        WriteText(writer, "subresource", request.Subresource);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string value)
    {
        if (value.Length > 0)
        {
            writer.WriteString(name, value);
        }
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            return;
        }
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }
        writer.WriteEndArray();
    }

    private static void WriteBody(Utf8JsonWriter writer, string name, ReadOnlyMemory<byte> json)
    {
        if (!json.IsEmpty)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(json.Span, skipInputValidation: true);
        }
    }
}
