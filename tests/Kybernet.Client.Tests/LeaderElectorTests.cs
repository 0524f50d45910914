using Kybernet.Api.Coordination.V1;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Client.Tests;

public sealed class LeaderElectorTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeApi _api;
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public LeaderElectorTests() => _api = new FakeApi(_time);

    [Fact]
    public async Task The_second_leads_when_the_first_gives_the_lease_back()
    {
        var (first, second) = (Elector("one"), Elector("two"));
        using var stopFirst = new CancellationTokenSource();
        using var stopSecond = new CancellationTokenSource();
        var firstRun = first.RunAsync(WorkAsync, stopFirst.Token);
        await Eventually.TrueAsync(() => first.IsLeader, "one leads");
        var secondRun = second.RunAsync(WorkAsync, stopSecond.Token);
        await AdvanceUntilAsync(() => second.Leader == "one", "two sees one");
        await stopFirst.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => firstRun);
        await AdvanceUntilAsync(() => second.IsLeader, "two leads");
        var lease = await _api.Client.GetAsync<Lease>("kube-system", "test", _cancellation);
        Assert.Equal(("two", 15, 1), (lease.Spec.HolderIdentity!, lease.Spec.LeaseDurationSeconds!.Value, lease.Spec.LeaseTransitions!.Value));
        await stopSecond.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => secondRun);
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_ends_its_work_before_another_may_lead()
    {
        var leader = Elector("one");
        var hasEnded = false;
        var run = leader.RunAsync(
            async token =>
            {
                try
                {
                    await WorkAsync(token);
                }
                finally
                {
                    hasEnded = true;
                }
            },
            _cancellation);
        await Eventually.TrueAsync(() => leader.IsLeader, "it leads");
        _api.Intercept = _ => FakeApi.Failure(500, "InternalError", "down");
        var before = _time.GetUtcNow();
        await AdvanceUntilAsync(() => hasEnded, "the work ends");
        Assert.InRange((_time.GetUtcNow() - before).TotalSeconds, 9, 15);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.False(leader.IsLeader);
    }

    private static Task WorkAsync(CancellationToken token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);

    private LeaderElector Elector(string identity) => new(_api.Client, new LeaderElectionOptions("kube-system", "test", identity), _time, NullLogger.Instance);

    private Task AdvanceUntilAsync(Func<bool> condition, string what) => Eventually.TrueAsync(
        () =>
        {
            if (condition())
            {
                return true;
            }
            _time.Advance(TimeSpan.FromMilliseconds(50));
            return condition();
        },
        what);
}
