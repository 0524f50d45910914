using System.Text.Json;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Client;

/// <summary>Reads and writes API objects by their types, over any transport. Safe to share.</summary>
public sealed class ApiClient(IApiTransport transport)
{
    /// <summary>The way to the server.</summary>
    public IApiTransport Transport { get; } = transport;

    /// <summary>Reads an object.</summary>
    /// <exception cref="ApiException">The server refused; 404 where there is no such object.</exception>
    public Task<T> GetAsync<T>(string @namespace, string name, CancellationToken cancellationToken)
        where T : class, IResourceObject<T> =>
        SendAsync<T>(new ApiCall(HttpMethod.Get, ResourcePath.Of<T>(@namespace, name)), cancellationToken);

    /// <summary>Reads an object, or null where there is none.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<T?> FindAsync<T>(string @namespace, string name, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        var reply = await Transport.SendAsync(new ApiCall(HttpMethod.Get, ResourcePath.Of<T>(@namespace, name)), cancellationToken);
        return reply.StatusCode == 404 ? null : Decode<T>(reply);
    }

    /// <summary>Lists objects: of one namespace, or of all where it is empty.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string @namespace, ListSelection selection, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        var list = await Transport.ListAsync(new ApiCall(HttpMethod.Get, ResourcePath.Of<T>(@namespace) + selection.ToQuery()), cancellationToken);
        return list.Items.Select(item => item.As<T>()).ToArray();
    }

    /// <summary>Makes an object, in the namespace that its metadata names.</summary>
    /// <returns>The object as the server made it.</returns>
    /// <exception cref="ApiException">The server refused; 409 where one of that name exists.</exception>
    public Task<T> CreateAsync<T>(T model, CancellationToken cancellationToken)
        where T : class, IResourceObject<T> =>
        SendAsync<T>(new ApiCall(HttpMethod.Post, ResourcePath.Of<T>(model.Metadata.Namespace ?? "")) { Body = ModelJson.ToUtf8(model) }, cancellationToken);

    /// <summary>Replaces an object; with a <c>resourceVersion</c> in its metadata, only if it is still at that one.</summary>
    /// <exception cref="ApiException">The server refused; 409 where it has changed in between.</exception>
    public Task<T> UpdateAsync<T>(T model, CancellationToken cancellationToken)
        where T : class, IResourceObject<T> => PutAsync(model, "", cancellationToken);

    /// <summary>Replaces an object's status; with a <c>resourceVersion</c> in its metadata, only if it is still at that one.</summary>
    /// <exception cref="ApiException">The server refused; 409 where it has changed in between.</exception>
    public Task<T> UpdateStatusAsync<T>(T model, CancellationToken cancellationToken)
        where T : class, IResourceObject<T> => PutAsync(model, "status", cancellationToken);

    /// <summary>Patches an object, or a subresource of it (empty for the object itself).</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public Task<T> PatchAsync<T>(string @namespace, string name, string subresource, Patch patch, CancellationToken cancellationToken)
        where T : class, IResourceObject<T> =>
        SendAsync<T>(
            new ApiCall(HttpMethod.Patch, ResourcePath.Of<T>(@namespace, name, subresource)) { Body = patch.Body, ContentType = patch.ContentType },
            cancellationToken);

    /// <summary>Deletes an object.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ApiException">The server refused; 409 where a precondition does not hold.</exception>
    public async Task<bool> DeleteAsync<T>(string @namespace, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        var call = new ApiCall(HttpMethod.Delete, ResourcePath.Of<T>(@namespace, name)) { Body = ModelJson.ToUtf8(options) };
        var reply = await Transport.SendAsync(call, cancellationToken);
        if (reply.StatusCode == 404)
        {
            return false;
        }
        ThrowIfFailed(reply);
        return true;
    }

    /// <summary>Posts to a subresource: a binding, an eviction, a token request, ...</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task PostAsync<T>(string @namespace, string name, string subresource, IModel body, CancellationToken cancellationToken)
        where T : class, IResourceObject<T> =>
        ThrowIfFailed(await Transport.SendAsync(
            new ApiCall(HttpMethod.Post, ResourcePath.Of<T>(@namespace, name, subresource)) { Body = ModelJson.ToUtf8(body) }, cancellationToken));

    /// <summary>Posts to a subresource and reads its answer.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public Task<TAnswer> PostAsync<T, TAnswer>(string @namespace, string name, string subresource, IModel body, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
        where TAnswer : class, IModel<TAnswer> =>
        SendAsync<TAnswer>(
            new ApiCall(HttpMethod.Post, ResourcePath.Of<T>(@namespace, name, subresource)) { Body = ModelJson.ToUtf8(body) }, cancellationToken);

    /// <summary>Sends any request and reads its answer.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<T> SendAsync<T>(ApiCall call, CancellationToken cancellationToken)
        where T : class, IModel<T> => Decode<T>(await Transport.SendAsync(call, cancellationToken));

    /// <summary>Throws what a failed answer's <c>Status</c> says.</summary>
    /// <exception cref="ApiException">The answer is a failure.</exception>
    public static void ThrowIfFailed(ApiReply reply)
    {
        if (reply.StatusCode >= 400)
        {
            throw new ApiException(StatusOf(reply));
        }
    }

    private Task<T> PutAsync<T>(T model, string subresource, CancellationToken cancellationToken)
        where T : class, IResourceObject<T> =>
        SendAsync<T>(
            new ApiCall(HttpMethod.Put, ResourcePath.Of<T>(model.Metadata.Namespace ?? "", model.Metadata.Name ?? "", subresource))
            {
                Body = ModelJson.ToUtf8(model),
            },
            cancellationToken);

    private static T Decode<T>(ApiReply reply)
        where T : class, IModel<T>
    {
        ThrowIfFailed(reply);
        return ModelJson.Parse<T>(reply.Body.Span);
    }

    private static Status StatusOf(ApiReply reply)
    {
        try
        {
            return ModelJson.Parse<Status>(reply.Body.Span) with { Code = reply.StatusCode };
        }
        catch (JsonException)
        {
            // A proxy in between, or a server that is no API server: all that is known is the code.
            return new Status { Code = reply.StatusCode, Message = $"the server answered {reply.StatusCode} without a Status" };
        }
    }
}
