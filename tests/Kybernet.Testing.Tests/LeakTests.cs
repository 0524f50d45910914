using System.Diagnostics;
using System.Runtime.CompilerServices;
using k8s;

namespace Kybernet.Testing.Tests;

/// <summary>Counts what the whole process has, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class LeakTests
{
    private const int Clusters = 100;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_clusters_at_once_leave_nothing_behind()
    {
        await RunAsync(4); // what the first cluster of a process makes once is no leak
        await Task.WhenAll(Enumerable.Range(0, 8).Select(static _ => RunAsync(1)));
        var before = await SettleAsync();

        var ended = await Task.WhenAll(Enumerable.Range(0, Clusters).Select(static _ => RunAsync(1)));

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            var after = await SettleAsync();
            var alive = ended.SelectMany(static cluster => cluster).Count(static cluster => cluster.IsAlive);
            // Threads of the pool come and go by themselves; what counts is that they do not come with clusters.
            if (alive == 0 && after.Threads <= before.Threads + 10 && after.Handles <= before.Handles + 10 && after.Memory <= before.Memory + 20_000_000)
            {
                return;
            }
            Assert.False(deadline.IsCancellationRequested, $"{alive} clusters are still there; before {before}, after {after}");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference[]> RunAsync(int count)
    {
        var seen = new WeakReference[count];
        for (var i = 0; i < count; i++)
        {
            await using var cluster = await TestCluster.StartAsync(cancellationToken: Token);
            seen[i] = new WeakReference(cluster);
            await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(Objects.ConfigMap("item", ""), "default", cancellationToken: Token);
        }
        return seen;
    }

    private static async Task<Counts> SettleAsync()
    {
        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return new Counts(process.Threads.Count, Directory.GetFiles("/proc/self/fd").Length, GC.GetTotalMemory(forceFullCollection: true));
    }

    private readonly record struct Counts(int Threads, int Handles, long Memory);
}
