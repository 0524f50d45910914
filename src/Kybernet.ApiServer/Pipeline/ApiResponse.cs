using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Rest.Conversion;
using Kybernet.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Pipeline;

/// <summary>A request's answer, before anybody decides how to send it: the HTTPS front writes it to a socket, the in-process front hands its objects on.</summary>
/// <param name="StatusCode">The HTTP status.</param>
public abstract record ApiResponse(int StatusCode);

/// <summary>A whole body.</summary>
/// <param name="StatusCode">The HTTP status.</param>
/// <param name="ContentType">The body's media type.</param>
/// <param name="Body">The body.</param>
public sealed record BodyResponse(int StatusCode, string ContentType, ReadOnlyMemory<byte> Body) : ApiResponse(StatusCode)
{
    /// <summary>A tag that changes when the body does; empty for none.</summary>
    public string ETag { get; init; } = "";

    /// <summary>How the body is compressed, such as <c>gzip</c>; empty for not at all. Only for a client that says that it understands it.</summary>
    public string ContentEncoding { get; init; } = "";

    /// <summary>A JSON body.</summary>
    public static BodyResponse Json(int statusCode, ReadOnlyMemory<byte> body) => new(statusCode, "application/json", body);

    /// <summary>A JSON body.</summary>
    public static BodyResponse Json(int statusCode, JsonNode body) => Json(statusCode, ModelJson.ToUtf8(body));

    /// <summary>A JSON body.</summary>
    public static BodyResponse Json(int statusCode, IModel body) => Json(statusCode, ModelJson.ToUtf8(body));

    /// <summary>A plain text.</summary>
    public static BodyResponse Text(int statusCode, string text) =>
        new(statusCode, "text/plain; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(text));
}

/// <summary>One object.</summary>
/// <param name="StatusCode">The HTTP status.</param>
/// <param name="Object">The object.</param>
public sealed record ObjectResponse(int StatusCode, EncodedObject Object) : ApiResponse(StatusCode);

/// <summary>A list, or a page of one: its items are copied to the client as they are.</summary>
/// <param name="Kind">The list's kind, as in <c>v1, PodList</c>.</param>
/// <param name="Items">The objects, in key order.</param>
/// <param name="ResourceVersion">The revision that the list is true at.</param>
/// <param name="Continue">What the next page is asked with; empty for none.</param>
/// <param name="Remaining">How many follow on later pages; null where that is not known.</param>
public sealed record ListResponse(GroupVersionKind Kind, IReadOnlyList<EncodedObject> Items, long ResourceVersion, string Continue, long? Remaining)
    : ApiResponse(200);

/// <summary>An open watch.</summary>
/// <param name="Watcher">What is sent.</param>
/// <param name="Encoder">How it is written.</param>
/// <param name="Present">Turns stored objects into those of the version that was asked for.</param>
/// <param name="WantsBookmarks">Whether bookmarks are sent.</param>
/// <param name="Timeout">When it ends.</param>
internal sealed record WatchResponse(
    Watcher Watcher, WatchEncoder Encoder, Func<EncodedObject, EncodedObject> Present, bool WantsBookmarks, TimeSpan Timeout) : ApiResponse(200)
{
    /// <summary>Whom to ask to convert objects before they are presented; null for nobody.</summary>
    public IRemoteConverter? Remote { get; init; }

    /// <summary>Items as they are presented and encoded.</summary>
    /// <exception cref="ApiError">They cannot be converted.</exception>
    public ValueTask<IReadOnlyList<WatchItem>> ConvertAsync(IReadOnlyList<WatchItem> items, CancellationToken cancellationToken) =>
        Remote is null ? new(items) : ConvertAsync(Remote, items, cancellationToken);

    private static async ValueTask<IReadOnlyList<WatchItem>> ConvertAsync(IRemoteConverter remote, IReadOnlyList<WatchItem> items, CancellationToken cancellationToken)
    {
        var converted = await remote.ConvertAsync([.. items.Select(static item => item.Object).OfType<EncodedObject>()], cancellationToken);
        var next = 0;
        return [.. items.Select(item => item.Object is null ? item : item with { Object = converted[next++] })];
    }
}

/// <summary>An answer that takes the connection over: logs that are followed, an upgraded connection, a proxied request.</summary>
/// <param name="Run">Writes the answer, status included.</param>
public sealed record ConnectionResponse(Func<HttpContext, CancellationToken, Task> Run) : ApiResponse(200);
