using System.Collections;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.Testing.Recording;

/// <summary>The newest requests that the cluster's API server has answered, oldest first. What is enumerated is a moment's copy.</summary>
public sealed class RequestLog : IEnumerable<RecordedRequest>
{
    private readonly Lock _gate = new();
    private readonly Queue<RecordedRequest> _newest = [];
    private readonly int _capacity;
    private readonly TimeProvider _clock;

    internal RequestLog(int capacity, TimeProvider clock)
    {
        _capacity = capacity;
        _clock = clock;
    }

    /// <summary>Forgets all, so that what follows stands alone.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _newest.Clear();
        }
    }

    /// <inheritdoc/>
    public IEnumerator<RecordedRequest> GetEnumerator()
    {
        lock (_gate)
        {
            return ((IEnumerable<RecordedRequest>)[.. _newest]).GetEnumerator();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(ApiRequest request, ApiResponse response)
    {
        if (_capacity <= 0)
        {
            return;
        }
        var answered = (response as ObjectResponse)?.Object;
        var info = request.Info;
        var recorded = new RecordedRequest(_clock.GetUtcNow(), request.User?.Name ?? "", info.Verb, request.Path, response.StatusCode)
        {
            Group = info.ApiGroup,
            Resource = info.Resource,
            Subresource = info.Subresource,
            Namespace = info.Namespace,
            Name = info.Name.Length > 0 ? info.Name : answered?.Header.Name ?? "",
            UserAgent = request.UserAgent,
            Body = answered?.Json ?? default,
        };
        lock (_gate)
        {
            if (_newest.Count == _capacity)
            {
                _newest.Dequeue();
            }
            _newest.Enqueue(recorded);
        }
    }
}
