using System.Text;
using Kybernet.Client;

namespace Kybernet.Controllers.Tests;

/// <summary>A way to the server that answers some paths itself, as an aggregated API server would.</summary>
internal sealed class MetricsTransport(IApiTransport server, Func<string, string?> answer) : IApiTransport
{
    public Task<ApiReply> SendAsync(ApiCall call, CancellationToken cancellationToken) => answer(call.PathAndQuery) is { } json
        ? Task.FromResult(new ApiReply(200, Encoding.UTF8.GetBytes(json)))
        : server.SendAsync(call, cancellationToken);

    public Task<ObjectList> ListAsync(ApiCall call, CancellationToken cancellationToken) => server.ListAsync(call, cancellationToken);

    public IAsyncEnumerable<ObjectEvent> WatchAsync(ApiCall call, CancellationToken cancellationToken) => server.WatchAsync(call, cancellationToken);

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
