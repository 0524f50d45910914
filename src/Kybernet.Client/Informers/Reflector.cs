using System.Globalization;
using Kybernet.Api;
using Microsoft.Extensions.Logging;

namespace Kybernet.Client;

/// <summary>
/// Keeps an <see cref="ObjectInformer"/> equal to what the server has: lists, then watches from the list's revision. A watch that ended or broke goes on
/// from the last revision it saw; one that the server cannot go on with (410) means a new list.
/// </summary>
internal sealed partial class Reflector(IApiTransport transport, ObjectInformer informer, TimeProvider time, ILogger logger)
{
    private const int PageSize = 500;
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), time);
    private readonly string _path = ResourcePath.Of(informer.Resource, informer.Namespace);

    // Empty before the first list.
    private string _resourceVersion = "";
    private bool _revisionIsUnavailable;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await ListAsync(cancellationToken);
                await WatchUntilItCannotGoOnAsync(cancellationToken);
            }
            catch (Exception exception) when (IsFailure(exception, cancellationToken))
            {
                LogFailed(exception, informer.Resource);
                await _backoff.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Whatever goes wrong, the cache is followed again: one that stood still without a word would mislead everyone who reads it.</summary>
    private static bool IsFailure(Exception exception, CancellationToken cancellationToken) =>
        exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested;

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        // Never older than what has been seen; at first anything will do, and after a refusal of that revision only the newest.
        var revision = _revisionIsUnavailable ? "" : _resourceVersion.Length == 0 ? "0" : _resourceVersion;
        try
        {
            var (objects, at) = await ListPagesAsync(revision, cancellationToken);
            _revisionIsUnavailable = false;
            _resourceVersion = at;
            informer.Replace(objects);
        }
        catch (ApiException exception) when (exception.IsGone || IsRevisionTooLarge(exception))
        {
            _revisionIsUnavailable = true;
            throw;
        }
    }

    private async Task<(IReadOnlyList<EncodedObject> Objects, string ResourceVersion)> ListPagesAsync(string revision, CancellationToken cancellationToken)
    {
        var query = revision.Length == 0 ? "" : "&resourceVersion=" + revision;
        var page = await transport.ListAsync(ListCall(query), cancellationToken);
        if (page.Continue.Length == 0)
        {
            return (page.Items, page.ResourceVersion);
        }
        var objects = new List<EncodedObject>(page.Items);
        while (page.Continue.Length > 0)
        {
            page = await transport.ListAsync(ListCall("&continue=" + Uri.EscapeDataString(page.Continue)), cancellationToken);
            objects.AddRange(page.Items);
        }
        return (objects, page.ResourceVersion);
    }

    private ApiCall ListCall(string query) => new(
        HttpMethod.Get,
        string.Create(CultureInfo.InvariantCulture, $"{_path}{informer.Selection.ToQuery($"limit={PageSize}{query}")}"));

    private async Task WatchUntilItCannotGoOnAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var started = time.GetTimestamp();
            var events = 0;
            try
            {
                await foreach (var change in transport.WatchAsync(WatchCall(), cancellationToken))
                {
                    events++;
                    Take(change);
                }
            }
            catch (ApiException exception) when (exception.IsGone)
            {
                LogGone(informer.Resource, _resourceVersion);
                return;
            }
            catch (ApiException exception) when (exception.Code == 429 || exception.Code >= 500)
            {
                LogFailed(exception, informer.Resource);
                await _backoff.WaitAsync(cancellationToken);
                continue;
            }
            catch (ApiUnavailableException exception)
            {
                LogFailed(exception, informer.Resource);
                await _backoff.WaitAsync(cancellationToken);
                continue;
            }
            if (events == 0 && time.GetElapsedTime(started) < ShortWatch)
            {
                await _backoff.WaitAsync(cancellationToken); // a server that ends watches at once must not be asked in a tight loop
            }
        }
    }

    private void Take(in ObjectEvent change)
    {
        if (change.Type != ObjectEventType.Bookmark)
        {
            informer.Apply(change);
        }
        if (change.Object.Header.ResourceVersion is { Length: > 0 } revision)
        {
            _resourceVersion = revision;
        }
    }

    private ApiCall WatchCall()
    {
        // Spread over some minutes, so that not all watches of all components end at once.
        var seconds = Random.Shared.Next(300, 600);
        return new ApiCall(HttpMethod.Get, _path + informer.Selection.ToQuery(string.Create(
            CultureInfo.InvariantCulture, $"watch=true&allowWatchBookmarks=true&resourceVersion={_resourceVersion}&timeoutSeconds={seconds}")));
    }

    private static bool IsRevisionTooLarge(ApiException exception) =>
        exception.Code == 504 && exception.Message.Contains("Too large resource version", StringComparison.Ordinal);

    [LoggerMessage(LogLevel.Warning, "Following {Resource} failed; trying again")]
    private partial void LogFailed(Exception exception, GroupVersionResource resource);

    [LoggerMessage(LogLevel.Information, "The watch of {Resource} cannot go on from {ResourceVersion}; listing again")]
    private partial void LogGone(GroupVersionResource resource, string resourceVersion);
}
