using System.Collections.Concurrent;
using k8s;
using k8s.Models;

namespace Kybernet.Testing.Tests;

/// <summary>A watch, and what it has seen.</summary>
internal sealed class Watch : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<string> _events = new();
    private readonly SemaphoreSlim _changed = new(0);

    /// <summary>Watches the ConfigMaps of <c>default</c>.</summary>
    public Watch(TestCluster cluster) => Running = FollowAsync(cluster.Client.CoreV1.WatchListNamespacedConfigMapAsync("default", cancellationToken: _ending.Token));

    /// <summary>Watches something else.</summary>
    public Watch(IAsyncEnumerable<(WatchEventType Type, V1Secret Item)> events) => Running = FollowAsync(events);

    /// <summary>Ends, or fails, with the watch.</summary>
    public Task Running { get; }

    /// <summary>As in <c>Added settings</c>.</summary>
    public IReadOnlyCollection<string> Events => _events;

    /// <summary>Waits for an event.</summary>
    public async Task SeesAsync(string what)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        while (!_events.Contains(what))
        {
            await _changed.WaitAsync(deadline.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Running.WaitAsync(Deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
        _changed.Dispose();
    }

    private async Task FollowAsync<T>(IAsyncEnumerable<(WatchEventType Type, T Item)> events)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        await foreach (var (type, item) in events.WithCancellation(_ending.Token))
        {
            _events.Enqueue($"{type} {item.Metadata.Name}");
            _changed.Release();
        }
    }
}
