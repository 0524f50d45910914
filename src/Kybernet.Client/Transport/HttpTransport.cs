using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Kybernet.Client;

/// <summary>The way to an API server over HTTPS, HTTP/2 where the server has it: what a kubeconfig or a pod's service account describes.</summary>
public sealed class HttpTransport : IApiTransport
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);
    private readonly HttpClient _client;
    private readonly BearerToken? _token;
    private readonly TimeProvider _time;

    /// <summary>A transport for what a kubeconfig's context, or <see cref="Kubeconfig.InCluster"/>, says.</summary>
    /// <exception cref="KubeconfigException">A certificate, key or token file cannot be read.</exception>
    public HttpTransport(ConnectionSettings settings, TimeProvider time)
        : this(settings, TlsHandler.Create(settings), time)
    {
    }

    /// <summary>A transport that sends through a handler of one's own.</summary>
    internal HttpTransport(ConnectionSettings settings, HttpMessageHandler handler, TimeProvider time)
    {
        _time = time;
        _token = BearerToken.From(settings, time);
        _client = new HttpClient(handler)
        {
            BaseAddress = settings.Server,
            Timeout = Timeout.InfiniteTimeSpan, // watches go on for minutes; other requests have their own bound
            DefaultRequestVersion = System.Net.HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd(settings.UserAgent);
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>The server's address.</summary>
    public Uri Server => _client.BaseAddress!;

    /// <inheritdoc/>
    public async Task<ApiReply> SendAsync(ApiCall call, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using var request = CreateRequest(call);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            return new ApiReply((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(either.Token));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Unavailable(exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ApiUnavailableException($"the API server at {Server} did not answer within {RequestTimeout.TotalSeconds} s", exception);
        }
    }

    /// <inheritdoc/>
    public async Task<ObjectList> ListAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var reply = await SendAsync(call, cancellationToken);
        ApiClient.ThrowIfFailed(reply);
        try
        {
            return ObjectSlicer.List(reply.Body.Span);
        }
        catch (JsonException exception)
        {
            throw new ApiUnavailableException($"the API server at {Server} answered with something else than a list: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectEvent> WatchAsync(ApiCall call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await OpenWatchAsync(call, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var change in WatchStream.ReadAsync(body, cancellationToken))
        {
            yield return change;
        }
    }

    /// <summary>
    /// Opens a request whose answer is read as it comes, such as a followed log.
    /// </summary>
    /// <returns>The answer, whatever its status; the caller disposes of it.</returns>
    /// <exception cref="ApiUnavailableException">The server could not be reached.</exception>
    public async Task<HttpResponseMessage> OpenAsync(ApiCall call, CancellationToken cancellationToken)
    {
        try
        {
            using var request = CreateRequest(call);
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Unavailable(exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<HttpResponseMessage> OpenWatchAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var response = await OpenAsync(call, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            using (response)
            {
                ApiClient.ThrowIfFailed(new ApiReply((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken)));
            }
        }
        return response;
    }

    private HttpRequestMessage CreateRequest(ApiCall call)
    {
        var request = new HttpRequestMessage(call.Method, call.PathAndQuery) { Version = _client.DefaultRequestVersion, VersionPolicy = _client.DefaultVersionPolicy };
        if (!call.Body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(call.Body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(call.ContentType);
        }
        request.Headers.Authorization = _token?.Header();
        return request;
    }

    private ApiUnavailableException Unavailable(Exception exception) =>
        new($"the API server at {Server} cannot be reached: {exception.InnerException?.Message ?? exception.Message}", exception);
}
