using Kybernet.Api;

namespace Kybernet.Client;

/// <summary>
/// The way to an API server: over HTTPS, or straight into the pipeline of one in the same process. Either way the caller is authenticated as
/// whoever the transport was made for, authorised and admitted; in process there is merely no socket, and objects come as the server's own.
/// </summary>
public interface IApiTransport : IAsyncDisposable
{
    /// <summary>Sends a request and takes its whole answer, whatever its status.</summary>
    /// <exception cref="ApiUnavailableException">The server could not be reached, or the connection broke.</exception>
    Task<ApiReply> SendAsync(ApiCall call, CancellationToken cancellationToken);

    /// <summary>Lists objects.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="ApiUnavailableException">The server could not be reached, or the connection broke.</exception>
    Task<ObjectList> ListAsync(ApiCall call, CancellationToken cancellationToken);

    /// <summary>
    /// Watches objects: the call's query says <c>watch=true</c>. It ends when the server ends it (which it does after some minutes), and throws when it breaks or is refused.
    /// </summary>
    /// <exception cref="ApiException">The server refused, or sent an error event: 410 where the revision is too old.</exception>
    /// <exception cref="ApiUnavailableException">The server could not be reached, or the connection broke.</exception>
    IAsyncEnumerable<ObjectEvent> WatchAsync(ApiCall call, CancellationToken cancellationToken);
}

/// <summary>One request.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="PathAndQuery">As in <c>/api/v1/namespaces/default/pods?limit=500</c>, escaped.</param>
public sealed record ApiCall(HttpMethod Method, string PathAndQuery)
{
    /// <summary>The body; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The body's media type.</summary>
    public string ContentType { get; init; } = "application/json";
}

/// <summary>The answer to a request.</summary>
/// <param name="StatusCode">The HTTP status.</param>
/// <param name="Body">The whole body.</param>
public sealed record ApiReply(int StatusCode, ReadOnlyMemory<byte> Body);

/// <summary>The objects of a list, or of one page of it.</summary>
/// <param name="Items">In key order.</param>
/// <param name="ResourceVersion">The revision that the list is true at: where a watch goes on from.</param>
/// <param name="Continue">What to ask the next page with; empty where this was the last.</param>
public sealed record ObjectList(IReadOnlyList<EncodedObject> Items, string ResourceVersion, string Continue);

/// <summary>What happened to an object.</summary>
public enum ObjectEventType
{
    /// <summary>It was made, or came to match the selector.</summary>
    Added,

    /// <summary>It was changed.</summary>
    Modified,

    /// <summary>It was deleted, or matches the selector no more; the event has its last state.</summary>
    Deleted,

    /// <summary>Nothing: the event's object only says what revision the watch has reached.</summary>
    Bookmark,
}

/// <summary>One event of a watch.</summary>
public readonly record struct ObjectEvent(ObjectEventType Type, EncodedObject Object);
