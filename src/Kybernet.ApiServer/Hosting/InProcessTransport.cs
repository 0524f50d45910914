using System.Runtime.CompilerServices;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;
using Kybernet.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Kybernet.ApiServer.Hosting;

/// <summary>
/// The front for components of the same process: the whole pipeline, without socket, TLS and parsing. Objects of lists and watches are the cache's
/// own, so that the process has one copy of each, decoded once.
/// </summary>
/// <param name="pipeline">The server.</param>
/// <param name="user">Who the component is: it is authorised as that user.</param>
internal sealed class InProcessTransport(ApiPipeline pipeline, UserInfo user) : IApiTransport
{
    private readonly string _agent = AgentOf(user);

    /// <inheritdoc/>
    public async Task<ApiReply> SendAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var request = Request(call, isWatch: false);
        var response = await HandleAsync(request, cancellationToken);
        return response switch
        {
            ConnectionResponse connection when request.HttpContext is { } context => await InProcessConnection.ReadAsync(connection, context, cancellationToken),
            ObjectResponse item => new ApiReply(item.StatusCode, item.Object.Json),
            BodyResponse body => new ApiReply(body.StatusCode, body.Body),
            ListResponse list => new ApiReply(200, Rest.ListEncoding.Join(list)),
            _ => throw new NotSupportedException($"{call.PathAndQuery} needs a connection; it cannot be asked for in process"),
        };
    }

    /// <inheritdoc/>
    public async Task<ObjectList> ListAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var response = await HandleAsync(Request(call, isWatch: false), cancellationToken);
        return response is ListResponse list
            ? new ObjectList(list.Items, list.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture), list.Continue)
            : throw Failure(response);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectEvent> WatchAsync(ApiCall call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = Request(call, isWatch: true);
        try
        {
            var response = await HandleAsync(request, cancellationToken);
            if (response is not WatchResponse watch)
            {
                throw Failure(response);
            }
            await (request.Audit?.StartedAsync(response.StatusCode, cancellationToken) ?? ValueTask.CompletedTask);
            using var watcher = watch.Watcher;
            foreach (var item in await ConvertAsync(watch, watcher.Initial, cancellationToken))
            {
                yield return Event(watch, item);
            }
            await foreach (var item in watcher.Items.ReadAllAsync(cancellationToken))
            {
                yield return Event(watch, watch.Remote is null ? item : (await ConvertAsync(watch, [item], cancellationToken))[0]);
            }
        }
        finally
        {
            await CompleteAsync(request);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // As the programs of a cluster of many processes call themselves: it is the name by which the fields that they write are known.
    private static string AgentOf(UserInfo user) => user.Name switch
    {
        var name when name.StartsWith("system:node:", StringComparison.Ordinal) => "kubelet",
        var name when name.StartsWith("system:serviceaccount:kube-system:", StringComparison.Ordinal) => "kube-controller-manager",
        var name => name[(name.LastIndexOf(':') + 1)..],
    };

    private async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await pipeline.HandleAsync(request, cancellationToken);
        }
        finally
        {
            request.Ticket?.Dispose();
            if (request.Audit is { IsLongRunning: false })
            {
                await CompleteAsync(request);
            }
        }
    }

    private static ValueTask CompleteAsync(ApiRequest request) =>
        request.Audit?.CompletedAsync(StatusCodes.Status200OK, CancellationToken.None) ?? ValueTask.CompletedTask; // what was done is recorded, whoever has gone

    private ApiRequest Request(ApiCall call, bool isWatch)
    {
        var question = call.PathAndQuery.IndexOf('?');
        var path = Uri.UnescapeDataString(question < 0 ? call.PathAndQuery : call.PathAndQuery[..question]);
        var query = question < 0 ? QueryCollection.Empty : new QueryCollection(QueryHelpers.ParseQuery(call.PathAndQuery[question..]));
        var info = RequestInfoParser.Parse(
            call.Method.Method, path, isWatch || query["watch"] == "true", HttpFront.FieldName(query["fieldSelector"].ToString()));
        return new ApiRequest
        {
            Method = call.Method.Method,
            Path = path,
            Query = query,
            ContentType = call.ContentType,
            UserAgent = _agent,
            Body = call.Body,
            Info = info,
            HttpContext = InProcessConnection.Of(call, info),
            User = user,
        };
    }

    private static async ValueTask<IReadOnlyList<WatchItem>> ConvertAsync(WatchResponse watch, IReadOnlyList<WatchItem> items, CancellationToken cancellationToken)
    {
        try
        {
            return await watch.ConvertAsync(items, cancellationToken);
        }
        catch (ApiError error)
        {
            throw new ApiException(error.Status);
        }
    }

    private static ObjectEvent Event(WatchResponse watch, WatchItem item) => item.Type switch
    {
        WatchItemType.Added => new ObjectEvent(ObjectEventType.Added, watch.Present(item.Object!)),
        WatchItemType.Modified => new ObjectEvent(ObjectEventType.Modified, watch.Present(item.Object!)),
        WatchItemType.Deleted => new ObjectEvent(ObjectEventType.Deleted, watch.Present(item.Object!)),
        _ => new ObjectEvent(ObjectEventType.Bookmark, Bookmark(item)),
    };

    private static EncodedObject Bookmark(WatchItem item) => new("{}"u8.ToArray(), new ObjectHeader
    {
        ResourceVersion = item.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture),
    });

    private static ApiException Failure(ApiResponse response) =>
        new(response is BodyResponse body ? ModelJson.Parse<Status>(body.Body.Span) : new Status { Code = response.StatusCode });
}
