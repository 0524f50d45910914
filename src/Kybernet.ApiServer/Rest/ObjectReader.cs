using Kybernet.Api;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;
using Kybernet.Store;

namespace Kybernet.ApiServer.Rest;

/// <summary>Reads objects: one, a list or a page of it, or whatever happens to them from now on. All from the cache, but for pages of the past.</summary>
internal sealed class ObjectReader(IStore store, StoreFollower follower, TimeProvider time)
{
    /// <summary>How long a client's revision from the future is waited for.</summary>
    private static readonly TimeSpan FutureWait = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan DefaultWatchTimeout = TimeSpan.FromMinutes(30);

    /// <summary>Reads the object that a request names.</summary>
    /// <exception cref="ApiError">404: there is none.</exception>
    public async ValueTask<EncodedObject> GetAsync(ResourceEndpoint endpoint, ApiRequest request, CancellationToken cancellationToken)
    {
        var revision = ListOptions.Parse(request.Query, isWatch: false).ResourceVersion;
        await FreshenAsync(revision, cancellationToken);
        return await endpoint.RequireAsync(request.Info.Namespace, request.Info.Name, cancellationToken);
    }

    /// <summary>Lists.</summary>
    /// <exception cref="ApiError">A parameter is wrong, or the revision asked for is no longer kept.</exception>
    public async ValueTask<ListResponse> ListAsync(ResourceEndpoint endpoint, ApiRequest request, CancellationToken cancellationToken)
    {
        var options = ListOptions.Parse(request.Query, isWatch: false);
        var filter = SelectionParser.Parse(endpoint, request.Info, options);
        var kind = new GroupVersionKind(endpoint.Kind.Group, endpoint.Kind.Version, endpoint.Kind.Kind + "List");
        var page = await PageAsync(endpoint, options, cancellationToken);
        var items = new List<EncodedObject>();
        string? last = null;
        foreach (var (key, item) in page.Items)
        {
            if (page.After.Length > 0 && string.CompareOrdinal(key, page.After) <= 0)
            {
                continue;
            }
            if (!filter.Matches(item))
            {
                continue;
            }
            if (options.Limit > 0 && items.Count == options.Limit)
            {
                var token = new ContinueToken(page.Revision, last!).ToString();
                // As upstream: with a selector nobody knows how many of the rest it would match.
                long? remaining = filter.Selector is null && filter.Name.Length == 0 ? CountAfter(page.Items, last!, filter) : null;
                return new ListResponse(kind, await endpoint.ConvertAsync(items, cancellationToken), page.Revision, token, remaining);
            }
            items.Add(item);
            last = key;
        }
        return new ListResponse(kind, await endpoint.ConvertAsync(items, cancellationToken), page.Revision, "", null);
    }

    /// <summary>Opens a watch.</summary>
    /// <exception cref="ApiError">A parameter is wrong, or the revision asked for is no longer kept.</exception>
    public async ValueTask<WatchResponse> WatchAsync(
        ResourceEndpoint endpoint, ApiRequest request, WatchEncoder encoder, CancellationToken cancellationToken)
    {
        var options = ListOptions.Parse(request.Query, isWatch: true);
        var filter = SelectionParser.Parse(endpoint, request.Info, options);
        Watcher watcher;
        if (options.SendInitialEvents == true || (options.SendInitialEvents is null && options.ResourceVersion is null or 0))
        {
            await FreshenAsync(options.ResourceVersion, cancellationToken);
            watcher = endpoint.Cache.WatchFromNow(filter, () => follower.Revision, markEnd: options.SendInitialEvents == true && options.AllowWatchBookmarks);
        }
        else
        {
            var revision = options.ResourceVersion is null or 0 ? await follower.CatchUpAsync(cancellationToken) : options.ResourceVersion.Value;
            await FreshenAsync(revision, cancellationToken);
            watcher = endpoint.Cache.WatchFrom(filter, revision);
        }
        return new WatchResponse(watcher, encoder, endpoint.Present, options.AllowWatchBookmarks, options.Timeout ?? DefaultWatchTimeout)
        {
            Remote = endpoint.Stored.Remote,
        };
    }

    /// <summary>The objects that a list is read from.</summary>
    private sealed record Page(IEnumerable<KeyValuePair<string, EncodedObject>> Items, long Revision, string After);

    private async ValueTask<Page> PageAsync(ResourceEndpoint endpoint, ListOptions options, CancellationToken cancellationToken)
    {
        var token = options.Continue.Length > 0 ? ContinueToken.Parse(options.Continue) : default;
        var exact = options.Continue.Length > 0 ? token.Revision
            : options.ResourceVersionMatch == "Exact" ? options.ResourceVersion!.Value
            : (long?)null;
        if (exact is null or 0)
        {
            await FreshenAsync(options.ResourceVersion, cancellationToken);
            var reached = follower.Revision;
            var now = endpoint.Cache.Snapshot;
            return new Page(now.Items, Math.Max(reached, now.Revision), token.After ?? "");
        }
        await FreshenAsync(exact, cancellationToken);
        var snapshot = endpoint.Cache.Snapshot;
        return snapshot.Revision <= exact
            ? new Page(snapshot.Items, exact.Value, token.After ?? "")
            : new Page(await ReadPastAsync(endpoint, exact.Value, token.After, cancellationToken), exact.Value, token.After ?? "");
    }

    /// <summary>Reads what a resource held at a revision that the cache has gone on from.</summary>
    private async ValueTask<List<KeyValuePair<string, EncodedObject>>> ReadPastAsync(
        ResourceEndpoint endpoint, long revision, string? after, CancellationToken cancellationToken)
    {
        try
        {
            var prefix = StorageKey.Prefix(endpoint.Stored.Resource);
            var range = await store.RangeAsync(new RangeRequest(prefix) { Revision = revision }, cancellationToken);
            var items = new List<KeyValuePair<string, EncodedObject>>(range.Items.Count);
            foreach (var item in range.Items)
            {
                var json = ResourceVersionSplice.Insert(item.Value.Span, item.ModRevision);
                items.Add(new KeyValuePair<string, EncodedObject>(item.Key[prefix.Length..], EncodedObject.Parse(json)));
            }
            return items;
        }
        catch (CompactedException)
        {
            throw after is null ? ApiError.Expired($"The resourceVersion for the provided list is too old: {revision}") : Gone(after);
        }
    }

    /// <summary>410, with a way on for those who can do with a list that is not of one moment.</summary>
    private static ApiError Gone(string after)
    {
        var error = ApiError.Expired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue "
            + "parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an "
            + "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.");
        return new ApiError(error.Status with { Metadata = new ListMeta { Continue = new ContinueToken(0, after).ToString() } });
    }

    /// <summary>Makes the cache at least as new as a client asks: null for the newest there is, 0 for whatever is at hand.</summary>
    private async ValueTask FreshenAsync(long? revision, CancellationToken cancellationToken)
    {
        if (revision is 0)
        {
            return;
        }
        if (revision is null)
        {
            await follower.CatchUpAsync(cancellationToken);
            return;
        }
        if (follower.Revision >= revision)
        {
            return;
        }
        try
        {
            await follower.WaitForAsync(revision.Value, cancellationToken).WaitAsync(FutureWait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw ApiError.Timeout($"Too large resource version: {revision}, current: {follower.Revision}", 1, new Kybernet.Api.Meta.V1.StatusDetails
            {
                Causes = [new Kybernet.Api.Meta.V1.StatusCause { Reason = "ResourceVersionTooLarge", Message = "Too large resource version" }],
            });
        }
    }

    private static long CountAfter(IEnumerable<KeyValuePair<string, EncodedObject>> items, string after, WatchFilter filter)
    {
        var count = 0L;
        foreach (var (key, item) in items)
        {
            if (string.CompareOrdinal(key, after) > 0 && filter.Matches(item))
            {
                count++;
            }
        }
        return count;
    }
}
