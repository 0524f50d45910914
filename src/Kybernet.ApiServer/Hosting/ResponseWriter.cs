using System.Buffers;
using System.Text;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Hosting;

/// <summary>Writes answers to a connection. Objects are copied as they are; nothing is serialised here.</summary>
/// <param name="watchInterval">How soon after a watch's events were sent the next ones may be.</param>
/// <param name="time">The clock.</param>
internal sealed class ResponseWriter(TimeSpan watchInterval, TimeProvider time)
{
    /// <summary>How much of a list or watch is gathered before it is sent.</summary>
    public const int FlushBytes = 64 * 1024;

    /// <summary>Writes an answer.</summary>
    public async Task WriteAsync(HttpContext context, ApiRequest request, ApiResponse response, CancellationToken cancellationToken)
    {
        foreach (var warning in request.Warnings)
        {
            context.Response.Headers.Append("Warning", $"299 - \"{Escape(warning)}\"");
        }
        if (request.Ticket is { SchemaUid.Length: > 0 } ticket)
        {
            context.Response.Headers["X-Kubernetes-PF-FlowSchema-UID"] = ticket.SchemaUid;
            context.Response.Headers["X-Kubernetes-PF-PriorityLevel-UID"] = ticket.LevelUid;
        }
        switch (response)
        {
            case ObjectResponse item:
                await WriteBodyAsync(context, item.StatusCode, "application/json", item.Object.Json, cancellationToken);
                break;
            case BodyResponse body:
                await WriteBodyAsync(context, body, cancellationToken);
                break;
            case ListResponse list:
                await WriteListAsync(context, list, cancellationToken);
                break;
            case WatchResponse watch:
                await WriteWatchAsync(context, watch, cancellationToken);
                break;
            case ConnectionResponse connection:
                await connection.Run(context, cancellationToken);
                break;
        }
    }

    /// <summary>Writes a failure that came before the pipeline.</summary>
    public Task WriteFailureAsync(HttpContext context, ApiError error, CancellationToken cancellationToken) =>
        WriteBodyAsync(context, (BodyResponse)ApiPipeline.Fail(error), cancellationToken);

    private static Task WriteBodyAsync(HttpContext context, BodyResponse body, CancellationToken cancellationToken)
    {
        if (body.ETag.Length > 0)
        {
            context.Response.Headers.ETag = $"\"{body.ETag}\"";
            if (context.Request.Headers.IfNoneMatch.ToString().Trim('"') == body.ETag)
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }
        if (body.ContentEncoding.Length > 0)
        {
            context.Response.Headers.ContentEncoding = body.ContentEncoding;
            context.Response.Headers.Vary = "Accept-Encoding";
        }
        if (body.StatusCode is 429 or 504)
        {
            context.Response.Headers.RetryAfter = "1";
        }
        return WriteBodyAsync(context, body.StatusCode, body.ContentType, body.Body, cancellationToken);
    }

    private static async Task WriteBodyAsync(
        HttpContext context, int statusCode, string contentType, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-cache, private";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.BodyWriter.WriteAsync(body, cancellationToken);
        }
    }

    private static async Task WriteListAsync(HttpContext context, ListResponse list, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = list.StatusCode;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-cache, private";
        var head = ListEncoding.Head(list);
        var length = head.LongLength + ListEncoding.Tail.Length + Math.Max(0, list.Items.Count - 1);
        foreach (var item in list.Items)
        {
            length += item.Json.Length;
        }
        context.Response.ContentLength = length;
        var output = context.Response.BodyWriter;
        output.Write(head);
        var pending = head.Length;
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
            }
            var json = list.Items[i].Json;
            output.Write(json.Span);
            pending += json.Length + 1;
            if (pending >= FlushBytes)
            {
                await output.FlushAsync(cancellationToken);
                pending = 0;
            }
        }
        output.Write(ListEncoding.Tail);
        await output.FlushAsync(cancellationToken);
    }

    private async Task WriteWatchAsync(HttpContext context, WatchResponse watch, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = 200;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-cache, private";
        using var watcher = watch.Watcher;
        using var timeout = new CancellationTokenSource(watch.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await new WatchWriter(context.Response.BodyWriter, watch, watchInterval, time).RunAsync(linked.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The watch has lasted as long as it was asked to: it ends cleanly.
        }
        catch (ApiError error)
        {
            var output = context.Response.BodyWriter;
            output.Write("{\"type\":\"ERROR\",\"object\":"u8);
            output.Write(ModelJson.ToUtf8(error.Status));
            output.Write("}\n"u8);
            await output.FlushAsync(cancellationToken);
        }
    }

    /// <summary>A warning is a quoted string of printable characters (RFC 7234).</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is '"' or '\\')
            {
                escaped.Append('\\');
            }
            escaped.Append(c is < ' ' or > '~' ? '?' : c);
        }
        return escaped.ToString();
    }
}
