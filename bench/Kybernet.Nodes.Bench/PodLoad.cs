using System.Diagnostics;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Nodes.Bench;

/// <summary>How long pods took from the moment of their create request until a watch said Ready.</summary>
/// <param name="P50">The median.</param>
/// <param name="P99">What 99 of 100 stayed under.</param>
/// <param name="Whole">From the first create to the last Ready.</param>
internal sealed record PodLoadResult(TimeSpan P50, TimeSpan P99, TimeSpan Whole);

/// <summary>Creates pods at a rate: small, without probes, of an image that the node has.</summary>
internal sealed class PodLoad(ApiClient client, PodWatcher watcher)
{
    public const string Namespace = "default";

    private readonly List<string> _pods = [];
    private int _made;

    /// <summary>Creates so many pods, so many a second, and waits until all are Ready.</summary>
    public async Task<PodLoadResult> RunAsync(int count, double perSecond, CancellationToken cancellationToken)
    {
        var interval = double.IsInfinity(perSecond) ? TimeSpan.Zero : TimeSpan.FromSeconds(1 / perSecond);
        var start = Stopwatch.GetTimestamp();
        var latencies = new List<Task<TimeSpan>>();
        for (var i = 0; i < count; i++)
        {
            // Kept to the clock, so that a slow answer does not lower the rate.
            if (interval * i - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } early)
            {
                await Task.Delay(early, TimeProvider.System, cancellationToken);
            }
            latencies.Add(StartAsync($"pod-{_made++}", cancellationToken));
        }
        var sorted = (await Task.WhenAll(latencies)).Order().ToArray();
        return new PodLoadResult(sorted[sorted.Length / 2], sorted[Math.Min(sorted.Length - 1, sorted.Length * 99 / 100)], Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Deletes what was made and waits until it is gone.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_pods.Select(async pod =>
        {
            await client.DeleteAsync<Pod>(Namespace, pod, new DeleteOptions { GracePeriodSeconds = 1 }, cancellationToken);
            await watcher.GoneAsync(pod, cancellationToken);
        }));
        _pods.Clear();
    }

    private async Task<TimeSpan> StartAsync(string name, CancellationToken cancellationToken)
    {
        _pods.Add(name);
        var created = Stopwatch.GetTimestamp();
        await client.CreateAsync(
            new Pod
            {
                Metadata = new ObjectMeta { Name = name, Namespace = Namespace },
                Spec = new PodSpec
                {
                    Containers =
                    [
                        new Container
                        {
                            Name = "main",
                            Image = "kybernet.local/web:1.0",
                            Resources = new ResourceRequirements
                            {
                                Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("10m"), ["memory"] = Quantity.Parse("16Mi") },
                            },
                        },
                    ],
                },
            },
            cancellationToken);
        return Stopwatch.GetElapsedTime(created, await watcher.ReadyAsync(name, cancellationToken));
    }
}
