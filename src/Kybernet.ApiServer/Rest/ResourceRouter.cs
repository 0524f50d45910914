using System.Collections.Frozen;
using Kybernet.Api;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest.Ownership;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Rest;

/// <summary>Brings a request about API objects to the verb that it wants, and its answer into the form that the client wants.</summary>
internal sealed class ResourceRouter(
    EndpointRegistry endpoints,
    ObjectReader reader,
    ObjectCreator creator,
    ObjectUpdater updater,
    ObjectPatcher patcher,
    ObjectApplier applier,
    ObjectDeleter deleter,
    ConnectAdmission connections,
    IEnumerable<ISubresourceHandler> handlers,
    TimeProvider time)
{
    private readonly FrozenDictionary<(GroupResource, string), ISubresourceHandler> _handlers = handlers
        .SelectMany(handler => handler.Handles.Select(what => KeyValuePair.Create((what.Resource, what.Subresource), handler)))
        .ToFrozenDictionary();

    /// <summary>Answers a request.</summary>
    /// <exception cref="ApiError">The request fails.</exception>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var info = request.Info;
        var resource = new GroupVersionResource(info.ApiGroup, info.ApiVersion, info.Resource);
        var handler = _handlers.GetValueOrDefault((resource.GroupResource, info.Subresource));
        if (endpoints.Find(resource) is not { } endpoint)
        {
            // What nothing is known of but by its handler.
            return handler is null ? throw ApiError.PathNotFound() : await handler.HandleAsync(request, cancellationToken);
        }
        CheckServed(endpoint, info);
        handler ??= info.Subresource.Length > 0 ? _handlers.GetValueOrDefault((ISubresourceHandler.AnyResource, info.Subresource)) : null;
        if (handler is not null)
        {
            await connections.AdmitAsync(endpoint, request, cancellationToken);
            return Project(endpoint, request, await handler.HandleAsync(request, cancellationToken));
        }
        if (info.Subresource is not ("" or "status" or "ephemeralcontainers" or "resize" or "approval"))
        {
            throw ApiError.PathNotFound();
        }
        return info.Verb switch
        {
            "get" => Project(endpoint, request, new ObjectResponse(200, await reader.GetAsync(endpoint, request, cancellationToken))),
            "list" => Project(endpoint, request, await reader.ListAsync(endpoint, request, cancellationToken)),
            "watch" => await reader.WatchAsync(endpoint, request, EncoderOf(endpoint, request), cancellationToken),
            "create" => Project(endpoint, request, new ObjectResponse(201, await creator.CreateAsync(endpoint, request, cancellationToken))),
            "update" => await ReplaceAsync(endpoint, request, cancellationToken),
            "patch" when ObjectApplier.Handles(request) => await ApplyAsync(endpoint, request, cancellationToken),
            "patch" => Project(
                endpoint, request, new ObjectResponse(200, await patcher.PatchAsync(endpoint, request, info.Subresource, cancellationToken))),
            "delete" => await DeleteAsync(endpoint, request, cancellationToken),
            "deletecollection" => await DeleteCollectionAsync(endpoint, request, cancellationToken),
            _ => throw ApiError.MethodNotAllowed(endpoint.Resource, info.Verb),
        };
    }

    private static void CheckServed(ResourceEndpoint endpoint, RequestInfo info)
    {
        var served = info.Subresource.Length == 0 ? endpoint.Info : endpoint.Info.Subresource(info.Subresource) ?? throw ApiError.PathNotFound();
        if (endpoint.Info.Namespaced ? info.Name.Length > 0 && info.Namespace.Length == 0 && info.Verb is not ("list" or "watch" or "deletecollection")
            : info.Namespace.Length > 0 && endpoint.Resource.Resource != "namespaces")
        {
            throw ApiError.PathNotFound();
        }
        if (!served.Verbs.Contains(info.Verb) && served.ConnectMethods.Count == 0)
        {
            throw ApiError.MethodNotAllowed(endpoint.Resource, info.Verb);
        }
    }

    private async ValueTask<ApiResponse> ReplaceAsync(ResourceEndpoint endpoint, ApiRequest request, CancellationToken cancellationToken)
    {
        var (item, created) = await updater.ReplaceAsync(endpoint, request, cancellationToken);
        return Project(endpoint, request, new ObjectResponse(created ? 201 : 200, item));
    }

    private async ValueTask<ApiResponse> ApplyAsync(ResourceEndpoint endpoint, ApiRequest request, CancellationToken cancellationToken)
    {
        var (item, created) = await applier.ApplyAsync(endpoint, request, cancellationToken);
        return Project(endpoint, request, new ObjectResponse(created ? 201 : 200, item));
    }

    private async ValueTask<ApiResponse> DeleteAsync(ResourceEndpoint endpoint, ApiRequest request, CancellationToken cancellationToken)
    {
        var options = ObjectDeleter.OptionsOf(request);
        var deletion = await deleter.DeleteAsync(endpoint, request, request.Info.Namespace, request.Info.Name, options, cancellationToken);
        if (!deletion.IsGone || endpoint.Strategy.ReturnsDeletedObject)
        {
            return Project(endpoint, request, new ObjectResponse(200, deletion.Object));
        }
        return BodyResponse.Json(200, new Status
        {
            StatusValue = "Success",
            Details = new StatusDetails
            {
                Name = deletion.Object.Key.Name,
                Group = endpoint.Resource.Group.Length == 0 ? null : endpoint.Resource.Group,
                Kind = endpoint.Resource.Resource,
                Uid = deletion.Object.Header.Uid,
            },
        });
    }

    private async ValueTask<ApiResponse> DeleteCollectionAsync(ResourceEndpoint endpoint, ApiRequest request, CancellationToken cancellationToken)
    {
        var options = ObjectDeleter.OptionsOf(request);
        var list = await reader.ListAsync(endpoint, request, cancellationToken);
        foreach (var item in list.Items)
        {
            try
            {
                await deleter.DeleteAsync(endpoint, request, item.Key.Namespace, item.Key.Name, options, cancellationToken);
            }
            catch (ApiError error) when (error.Code == 404)
            {
                // Somebody else deleted it after it was listed: that is what was wanted.
            }
        }
        return Project(endpoint, request, list);
    }

    /// <summary>Objects and lists as they are go to the front as they are; other forms are written here.</summary>
    private ApiResponse Project(ResourceEndpoint endpoint, ApiRequest request, ApiResponse response)
    {
        var kind = response is ObjectResponse or ListResponse ? Projection.Parse(request.Accept) : ProjectionKind.Whole;
        if (kind == ProjectionKind.Whole)
        {
            return endpoint.Stored.Converter is null ? response : Present(endpoint, response);
        }
        var list = response as ListResponse;
        IReadOnlyList<EncodedObject> items = list is not null ? list.Items : [((ObjectResponse)response).Object];
        var body = kind == ProjectionKind.Table
            ? Projection.Build(writer => Projection.WriteTable(
                writer, items, endpoint.Strategy.Table, IncludeObjectOf(request), list, withColumns: true, time.GetUtcNow()))
            : Projection.Build(writer =>
            {
                if (list is not null)
                {
                    Projection.WriteMetadataList(writer, list);
                    return;
                }
                Projection.WriteMetadata(writer, items[0]);
            });
        return BodyResponse.Json(response.StatusCode, body);
    }

    private static ApiResponse Present(ResourceEndpoint endpoint, ApiResponse response) => response switch
    {
        ObjectResponse item => item with { Object = endpoint.Present(item.Object) },
        ListResponse list => list with { Items = list.Items.Select(endpoint.Present).ToArray() },
        _ => response,
    };

    private WatchEncoder EncoderOf(ResourceEndpoint endpoint, ApiRequest request) => Projection.Parse(request.Accept, isWatch: true) switch
    {
        ProjectionKind.Table => new TableWatchEncoder(endpoint.Strategy.Table, IncludeObjectOf(request), time),
        ProjectionKind.Metadata => new MetadataWatchEncoder(),
        _ => new ObjectWatchEncoder(endpoint),
    };

    private static string IncludeObjectOf(ApiRequest request) => request.Query["includeObject"].ToString() switch
    {
        "" or "Metadata" => "Metadata",
        "None" => "None",
        "Object" => "Object",
        var other => throw ApiError.BadRequest($"unrecognized includeObject value: \"{other}\""),
    };
}
