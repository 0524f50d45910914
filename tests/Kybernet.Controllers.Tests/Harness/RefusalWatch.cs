using System.Collections.Concurrent;
using System.Text;
using Kybernet.Client;

namespace Kybernet.Controllers.Tests;

/// <summary>Notes what a user is refused for want of permission; a namespace that is going, or a full quota, is refused in other words.</summary>
internal sealed class RefusalWatch(IApiTransport inner, ConcurrentQueue<string> refused) : IApiTransport
{
    public async Task<ApiReply> SendAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var reply = await inner.SendAsync(call, cancellationToken);
        if (reply.StatusCode == 403 && Encoding.UTF8.GetString(reply.Body.Span) is var body && body.Contains(" cannot ", StringComparison.Ordinal))
        {
            refused.Enqueue(body);
        }
        return reply;
    }

    public Task<ObjectList> ListAsync(ApiCall call, CancellationToken cancellationToken) => inner.ListAsync(call, cancellationToken);

    public IAsyncEnumerable<ObjectEvent> WatchAsync(ApiCall call, CancellationToken cancellationToken) => inner.WatchAsync(call, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
