using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Client.Tests;

/// <summary>
/// A dictionary that answers as an API server does, as far as informers and reconcilers look: revisions, uids, conflicts, finalizers, graceful pods,
/// label and field selectors of the simplest form, merge patches, and watches with history. Tests can break its watches and make calls fail.
/// </summary>
internal sealed class FakeApi(TimeProvider time) : IApiTransport
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(long Revision, string Key, ObjectEvent Event)> _history = [];
    private readonly List<Watcher> _watchers = [];
    private long _revision = 100;
    private long _compacted;

    public List<string> Calls { get; } = [];

    /// <summary>Looks at each call first; what it returns is the answer, null to go on.</summary>
    public Func<ApiCall, ApiReply?>? Intercept { get; set; }

    public int PageSize { get; set; } = int.MaxValue;

    public int Lists { get; private set; }

    public int Watches { get; private set; }

    public int OpenWatches
    {
        get
        {
            lock (_gate)
            {
                return _watchers.Count;
            }
        }
    }

    public ApiClient Client => new(this);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Ends all watches, as a lost connection does.</summary>
    public void BreakWatches()
    {
        lock (_gate)
        {
            foreach (var watcher in _watchers)
            {
                watcher.Events.Writer.TryComplete(new ApiUnavailableException("the connection broke"));
            }
            _watchers.Clear();
        }
    }

    /// <summary>Forgets the events until now: a watch from before gets a 410.</summary>
    public void Compact()
    {
        lock (_gate)
        {
            _compacted = _revision;
            _history.Clear();
        }
    }

    public static ApiReply Failure(int code, string reason, string message) => new(
        code, ModelJson.ToUtf8(new Status { Code = code, Reason = reason, Message = message, StatusValue = "Failure" }));

    public Task<ApiReply> SendAsync(ApiCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            Calls.Add($"{call.Method} {call.PathAndQuery}");
        }
        if (Intercept?.Invoke(call) is { } reply)
        {
            return Task.FromResult(reply);
        }
        lock (_gate)
        {
            return Task.FromResult(Answer(call));
        }
    }

    public Task<ObjectList> ListAsync(ApiCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Intercept?.Invoke(call) is { } reply)
        {
            ApiClient.ThrowIfFailed(reply);
        }
        lock (_gate)
        {
            Lists++;
            var path = FakePath.Parse(call.PathAndQuery);
            var start = path.Query.GetValueOrDefault("continue", "");
            var items = new List<EncodedObject>();
            var next = "";
            foreach (var (key, value) in _objects)
            {
                if (!path.Matches(key, value) || string.CompareOrdinal(key, start) < 0)
                {
                    continue;
                }
                if (items.Count == PageSize)
                {
                    next = key;
                    break;
                }
                items.Add(Encode(value));
            }
            return Task.FromResult(new ObjectList(items, _revision.ToString(CultureInfo.InvariantCulture), next));
        }
    }

    public async IAsyncEnumerable<ObjectEvent> WatchAsync(ApiCall call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Intercept?.Invoke(call) is { } reply)
        {
            ApiClient.ThrowIfFailed(reply);
        }
        var path = FakePath.Parse(call.PathAndQuery);
        var watcher = new Watcher(path, Channel.CreateUnbounded<ObjectEvent>());
        lock (_gate)
        {
            Watches++;
            var from = long.Parse(path.Query["resourceVersion"], CultureInfo.InvariantCulture);
            if (from < _compacted)
            {
                ApiClient.ThrowIfFailed(Failure(410, "Expired", "too old resource version"));
            }
            foreach (var (revision, key, change) in _history)
            {
                if (revision > from)
                {
                    watcher.Offer(key, change);
                }
            }
            _watchers.Add(watcher);
        }
        try
        {
            await foreach (var change in watcher.Events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(watcher);
            }
        }
    }

    private static EncodedObject Encode(JsonObject value) => EncodedObject.Parse(ModelJson.ToUtf8(value));

    private static ApiReply Ok(JsonObject value, int code = 200) => new(code, ModelJson.ToUtf8(value));

    private ApiReply Answer(ApiCall call)
    {
        if (FakeDiscovery.Answer(call.PathAndQuery) is { } discovered)
        {
            return discovered;
        }
        var path = FakePath.Parse(call.PathAndQuery);
        if (call.Method == HttpMethod.Post)
        {
            return path.Name.Length == 0 ? Create(path, call) : Bind(path, call);
        }
        if (call.Method == HttpMethod.Delete && path.Name.Length == 0)
        {
            foreach (var (key, value) in _objects.Where(pair => path.Matches(pair.Key, pair.Value)).ToList())
            {
                Delete(path.With(key[(key.LastIndexOf('/') + 1)..]), value, Body(call));
            }
            return Ok([]);
        }
        if (!_objects.TryGetValue(path.Key, out var current))
        {
            return Failure(404, "NotFound", $"{path.Resource} \"{path.Name}\" not found");
        }
        return call.Method.Method switch
        {
            "GET" => Ok(current),
            "PUT" => Write(path, current, Body(call)),
            "PATCH" => Write(path, current, FakePatch.Apply(current, call)),
            "DELETE" => Delete(path, current, Body(call)),
            _ => Failure(405, "MethodNotAllowed", call.Method.Method),
        };
    }

    private ApiReply Create(FakePath path, ApiCall call)
    {
        var value = Body(call);
        var metadata = FakePath.Metadata(value);
        if (metadata["name"] is null && metadata["generateName"] is { } prefix)
        {
            metadata["name"] = prefix.GetValue<string>() + Guid.NewGuid().ToString("N")[..5];
        }
        var key = path.With(metadata["name"]!.GetValue<string>()).Key;
        if (_objects.ContainsKey(key))
        {
            return Failure(409, "AlreadyExists", $"{path.Resource} \"{metadata["name"]}\" already exists");
        }
        if (path.Namespace.Length > 0)
        {
            metadata["namespace"] = path.Namespace;
        }
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        metadata["generation"] = 1;
        if (path.Resource == "namespaces")
        {
            value["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
        }
        return Ok(Store(key, value, ObjectEventType.Added), 201);
    }

    private ApiReply Bind(FakePath path, ApiCall call)
    {
        if (path.Subresource != "binding" || !_objects.TryGetValue(path.Key, out var pod))
        {
            return Failure(404, "NotFound", $"{path.Resource} \"{path.Name}\" not found");
        }
        var bound = pod.DeepClone().AsObject();
        bound["spec"]!["nodeName"] = Body(call)["target"]!["name"]!.DeepClone();
        return Ok(Store(path.Key, bound, ObjectEventType.Modified), 201);
    }

    private ApiReply Write(FakePath path, JsonObject current, JsonObject wanted)
    {
        var metadata = FakePath.Metadata(wanted);
        var known = FakePath.Metadata(current);
        if (metadata["resourceVersion"] is { } revision && revision.GetValue<string>() != known["resourceVersion"]!.GetValue<string>())
        {
            return Failure(409, "Conflict", $"Operation cannot be fulfilled on {path.Resource} \"{path.Name}\": the object has been modified");
        }
        if (metadata["uid"] is { } uid && uid.GetValue<string>() != known["uid"]!.GetValue<string>())
        {
            return Failure(409, "Conflict", "Precondition failed: UID in precondition differs");
        }
        var next = FakePath.Merge(current, wanted, path.Subresource);
        if (path.Subresource != "status" && FakePath.Metadata(next)["deletionTimestamp"] is not null
            && FakePath.Metadata(next)["finalizers"] is not JsonArray { Count: > 0 } && FakePath.Metadata(next)["deletionGracePeriodSeconds"]?.GetValue<long>() is null or 0
            && next["spec"]?["finalizers"] is not JsonArray { Count: > 0 })
        {
            return Ok(Remove(path.Key, next));
        }
        return Ok(Store(path.Key, next, ObjectEventType.Modified));
    }

    private ApiReply Delete(FakePath path, JsonObject current, JsonObject options)
    {
        var metadata = FakePath.Metadata(current);
        if (options["preconditions"]?["uid"] is { } uid && uid.GetValue<string>() != metadata["uid"]!.GetValue<string>())
        {
            return Failure(409, "Conflict", "Precondition failed: UID in precondition differs");
        }
        var value = current.DeepClone().AsObject();
        metadata = FakePath.Metadata(value);
        var finalizers = metadata["finalizers"] as JsonArray ?? [];
        var policy = options["propagationPolicy"]?.GetValue<string>();
        var finalizer = policy switch { "Orphan" => "orphan", "Foreground" => "foregroundDeletion", _ => null };
        if (finalizer is not null && !finalizers.Any(known => known!.GetValue<string>() == finalizer))
        {
            finalizers = finalizers.DeepClone().AsArray();
            finalizers.Add((JsonNode)finalizer);
            metadata["finalizers"] = finalizers;
        }
        var grace = options["gracePeriodSeconds"]?.GetValue<long>();
        var isGraceful = path.Resource == "pods" && grace != 0 && value["spec"]?["nodeName"] is not null;
        var isHeld = value["spec"]?["finalizers"] is JsonArray { Count: > 0 };
        if (finalizers.Count == 0 && !isGraceful && !isHeld)
        {
            return Ok(Remove(path.Key, value));
        }
        metadata["deletionTimestamp"] ??= time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        metadata["deletionGracePeriodSeconds"] = isGraceful ? grace ?? 30 : 0;
        return Ok(Store(path.Key, value, ObjectEventType.Modified));
    }

    private JsonObject Store(string key, JsonObject value, ObjectEventType type)
    {
        _revision++;
        FakePath.Metadata(value)["resourceVersion"] = _revision.ToString(CultureInfo.InvariantCulture);
        value = JsonNode.Parse(ModelJson.ToUtf8(value))!.AsObject(); // numbers as if they had come over a wire
        _objects[key] = value;
        Publish(key, new ObjectEvent(type, Encode(value)));
        return value;
    }

    private JsonObject Remove(string key, JsonObject value)
    {
        _revision++;
        FakePath.Metadata(value)["resourceVersion"] = _revision.ToString(CultureInfo.InvariantCulture);
        _objects.Remove(key);
        Publish(key, new ObjectEvent(ObjectEventType.Deleted, Encode(value)));
        return value;
    }

    private void Publish(string key, ObjectEvent change)
    {
        _history.Add((_revision, key, change));
        foreach (var watcher in _watchers)
        {
            watcher.Offer(key, change);
        }
    }

    private static JsonObject Body(ApiCall call) => call.Body.IsEmpty ? [] : JsonNode.Parse(Encoding.UTF8.GetString(call.Body.Span))!.AsObject();

    private sealed record Watcher(FakePath Path, Channel<ObjectEvent> Events)
    {
        public void Offer(string key, ObjectEvent change)
        {
            if (Path.Matches(key, JsonNode.Parse(change.Object.Json.Span)!.AsObject()))
            {
                Events.Writer.TryWrite(change);
            }
        }
    }
}
