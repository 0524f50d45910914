using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.ApiServer.Tests.Bootstrap;

/// <summary>Keeps objects by their paths and counts the writes: as much of a server as a bootstrap needs.</summary>
internal sealed class FakeServer : IApiTransport
{
    // A bootstrap asks from several threads at once.
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);

    public int Writes { get; private set; }

    public Task<ApiReply> SendAsync(ApiCall call, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult(Answer(call));
        }
    }

    public Task<ObjectList> ListAsync(ApiCall call, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var items = _objects.Where(item => item.Key.StartsWith(call.PathAndQuery + "/", StringComparison.Ordinal)).Select(item => EncodedObject.Parse(item.Value)).ToArray();
            return Task.FromResult(new ObjectList(items, "1", ""));
        }
    }

    public IAsyncEnumerable<ObjectEvent> WatchAsync(ApiCall call, CancellationToken cancellationToken) => throw new NotSupportedException("a bootstrap watches nothing");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ApiReply Answer(ApiCall call)
    {
        var path = call.PathAndQuery;
        if (call.Method == HttpMethod.Get)
        {
            return _objects.TryGetValue(path, out var found) ? new ApiReply(200, found) : new ApiReply(404, "{}"u8.ToArray());
        }
        Writes++;
        if (call.Method == HttpMethod.Delete)
        {
            return new ApiReply(_objects.Remove(path) ? 200 : 404, "{}"u8.ToArray());
        }
        var item = JsonNode.Parse(call.Body.Span)!;
        if (call.Method == HttpMethod.Post)
        {
            path = $"{path}/{Uri.EscapeDataString((string)item["metadata"]!["name"]!)}";
        }
        item["metadata"]!["resourceVersion"] = Writes.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var body = ModelJson.ToUtf8(item);
        _objects[path] = body;
        return new ApiReply(201, body);
    }
}
