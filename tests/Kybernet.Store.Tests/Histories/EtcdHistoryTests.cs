using Kybernet.EtcdHarness;
using Kybernet.Store.Etcd;

namespace Kybernet.Store.Tests.Histories;

/// <summary>What clients of two servers see of one etcd is right, while members are lost and come back, the leader moves, and compactions run.</summary>
public sealed class EtcdHistoryTests
{
    private const int Members = 3;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(150);

    [Fact]
    public async Task The_history_of_an_etcd_whose_members_fail_is_right()
    {
        var run = new HistoryRun();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Deadline + run.Length);
        await using var cluster = await EtcdCluster.StartAsync(new EtcdClusterOptions { Members = Members, Durable = true }, timeout.Token);
        // Each server talks to another member first.
        var options = cluster.StoreOptions with { RequestTimeout = TimeSpan.FromSeconds(3) };
        await using var first = new EtcdStore(options);
        await using var second = new EtcdStore(options with { Endpoints = [.. options.Endpoints.Reverse()] });
        await run.RecordAsync([first, second], after: 1, (random, stop) => BreakAsync(cluster, random, stop, timeout.Token), timeout.Token);
        await run.CheckAsync(first, minRequests: 30, timeout.Token);
    }

    private static async Task BreakAsync(EtcdCluster cluster, Random random, CancellationToken stop, CancellationToken cancellationToken)
    {
        for (var fault = 0; !stop.IsCancellationRequested; fault++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, 1000)), TimeProvider.System, stop);
            // What is broken is mended before the end, whenever that comes: one member less is as many as the cluster can do without.
            var victim = fault % 2 == 0 ? await cluster.LeaderAsync(cancellationToken) : random.Next(Members);
            if (random.Next(2) == 0)
            {
                await cluster.KillAsync(victim, cancellationToken);
                await PauseAsync(random, cancellationToken);
                cluster.Start(victim);
            }
            else
            {
                await cluster.SuspendAsync(victim, suspended: true, cancellationToken);
                await PauseAsync(random, cancellationToken);
                await cluster.SuspendAsync(victim, suspended: false, cancellationToken);
            }
            await cluster.LeaderAsync(cancellationToken);
        }
    }

    private static Task PauseAsync(Random random, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(random.Next(500, 2500)), TimeProvider.System, cancellationToken);
}
