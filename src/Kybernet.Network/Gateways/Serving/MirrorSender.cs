using System.Collections.Concurrent;
using System.IO.Pipelines;
using Kybernet.Network.Gateways.Filters;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>Sends copies of requests, and throws away the answers. Nobody waits for them, and one that cannot follow is given up.</summary>
internal sealed class MirrorSender : IAsyncDisposable
{
    /// <summary>How far the reader of a copy may fall behind.</summary>
    private const long MaxUnread = 1024 * 1024;

    private static readonly HashSet<string> NotCopied = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Connection, HeaderNames.ContentLength, HeaderNames.Host, HeaderNames.KeepAlive, HeaderNames.ProxyConnection, HeaderNames.TransferEncoding,
        HeaderNames.Upgrade, HeaderNames.Expect,
    };

    private readonly ConcurrentDictionary<HttpRequestMessage, Task> _underWay = new();
    private readonly CancellationTokenSource _stopped = new();

    /// <summary>Begins to send copies to as many of the backends as are due one; their bodies follow as the request's own is read.</summary>
    public void Send(HttpContext context, IReadOnlyList<Mirror> mirrors, HttpMessageInvoker plain)
    {
        foreach (var mirror in mirrors)
        {
            var state = mirror.Target.State;
            if (state.Endpoints.Count == 0 || Random.Shared.Next(mirror.Denominator) >= mirror.Numerator)
            {
                continue;
            }
            var endpoint = state.Endpoints[(int)(mirror.Target.Backend!.Next() % (uint)state.Endpoints.Count)];
            var client = mirror.Target.Tls?.Client(state.Request.Version?.Major == 2) ?? plain;
            var copy = Copy(context, endpoint, state.Request);
            var sending = SendAsync(copy, client);
            _underWay[copy] = sending;
            if (sending.IsCompleted)
            {
                _underWay.TryRemove(copy, out _); // it was over before it was noted down
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await Task.WhenAll(_underWay.Values);
        _stopped.Dispose();
    }

    private async Task SendAsync(HttpRequestMessage request, HttpMessageInvoker client)
    {
        using (request)
        {
            try
            {
                using var response = await client.SendAsync(request, _stopped.Token);
                await response.Content.CopyToAsync(Stream.Null, _stopped.Token);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
            {
                // The client is answered by somebody else: it is not to notice.
            }
            finally
            {
                _underWay.TryRemove(request, out _);
            }
        }
    }

    private static HttpRequestMessage Copy(HttpContext context, string endpoint, ForwarderRequestConfig config)
    {
        var request = context.Request;
        var copy = new HttpRequestMessage(new HttpMethod(request.Method), RequestUtilities.MakeDestinationAddress(endpoint, request.Path, request.QueryString))
        {
            Version = config.Version!,
            VersionPolicy = config.VersionPolicy!.Value,
        };
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: MaxUnread, resumeWriterThreshold: MaxUnread / 2));
            request.Body = new CopiedBody(request.Body, pipe.Writer);
            copy.Content = new StreamContent(pipe.Reader.AsStream());
        }
        foreach (var (name, values) in request.Headers)
        {
            if (!NotCopied.Contains(name) && !copy.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                copy.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }
        copy.Headers.Host = request.Host.Value;
        return copy;
    }
}
