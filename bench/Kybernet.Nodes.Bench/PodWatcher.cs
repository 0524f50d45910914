using System.Collections.Concurrent;
using System.Diagnostics;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.Nodes.Bench;

/// <summary>Sees pods become Ready, and go, as any client of the API would: through a watch.</summary>
internal sealed class PodWatcher : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> _ready = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gone = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _running;

    private PodWatcher(InformerFactory informers)
    {
        var pods = informers.Informer<Pod>(PodLoad.Namespace, ListSelection.All);
        pods.AddHandler(new InformerHandler<Pod>(Look, (_, pod) => Look(pod), pod => Gone(pod.Metadata.Name!).TrySetResult()));
        _running = informers.RunAsync(_ended.Token);
    }

    public static async Task<PodWatcher> StartAsync(ApiClient client, CancellationToken cancellationToken)
    {
        var informers = new InformerFactory(client, TimeProvider.System, NullLoggerFactory.Instance);
        var watcher = new PodWatcher(informers);
        await informers.WaitForSyncAsync(cancellationToken);
        return watcher;
    }

    /// <summary>Ends when the pod is Ready, with the moment in the stopwatch's ticks.</summary>
    public Task<long> ReadyAsync(string pod, CancellationToken cancellationToken) => Ready(pod).Task.WaitAsync(cancellationToken);

    /// <summary>Ends when the pod has been deleted.</summary>
    public Task GoneAsync(string pod, CancellationToken cancellationToken) => Gone(pod).Task.WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it ends by being cancelled
        _ended.Dispose();
    }

    private void Look(Pod pod)
    {
        if (pod.Status.Conditions.Any(static condition => condition is { Type: "Ready", Status: "True" }))
        {
            Ready(pod.Metadata.Name!).TrySetResult(Stopwatch.GetTimestamp());
        }
    }

    private TaskCompletionSource<long> Ready(string pod) =>
        _ready.GetOrAdd(pod, static _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));

    private TaskCompletionSource Gone(string pod) =>
        _gone.GetOrAdd(pod, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
