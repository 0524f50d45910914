using System.Threading.Channels;
using Kybernet.Api;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Client.Tests;

public sealed class WorkQueueTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_added_twice_before_it_is_taken_comes_once()
    {
        using var queue = new WorkQueue<string>("q", _time);
        queue.Add("a");
        queue.Add("a");
        queue.Add("b");
        Assert.Equal(2, queue.Depth);
        Assert.Equal("a", await queue.TakeAsync(_cancellation));
        Assert.Equal("b", await queue.TakeAsync(_cancellation));
        Assert.Equal(2, queue.Adds);
    }

    [Fact]
    public async Task A_key_added_while_it_is_processed_runs_again_after_Done()
    {
        using var queue = new WorkQueue<string>("q", _time);
        queue.Add("a");
        await queue.TakeAsync(_cancellation);
        queue.Add("a");
        Assert.Equal(0, queue.Depth);
        queue.Done("a");
        Assert.Equal(1, queue.Depth);
        Assert.Equal("a", await queue.TakeAsync(_cancellation));
        queue.Done("a");
        Assert.Equal(0, queue.Depth);
    }

    [Fact]
    public void Of_two_delays_for_one_key_the_shorter_counts()
    {
        using var queue = new WorkQueue<string>("q", _time);
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        queue.AddAfter("a", TimeSpan.FromSeconds(2));
        queue.AddAfter("a", TimeSpan.FromSeconds(5));
        queue.AddAfter("b", TimeSpan.FromSeconds(3));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(0, queue.Depth);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, queue.Depth);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(2, queue.Depth);
        Assert.Equal(0, queue.Delayed);
    }

    [Fact]
    public void Each_failure_of_a_key_waits_twice_as_long_until_it_is_forgotten()
    {
        var limiter = new ExponentialRateLimiter<string>(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000));
        Assert.Equal([5d, 10d, 20d], [limiter.When("a").TotalMilliseconds, limiter.When("a").TotalMilliseconds, limiter.When("a").TotalMilliseconds]);
        Assert.Equal(5, limiter.When("b").TotalMilliseconds);
        for (var i = 0; i < 60; i++)
        {
            limiter.When("a");
        }
        Assert.Equal(1000, limiter.When("a").TotalSeconds);
        limiter.Forget("a");
        Assert.Equal(0, limiter.Failures("a"));
        Assert.Equal(5, limiter.When("a").TotalMilliseconds);
    }

    [Fact]
    public void A_bucket_lets_a_burst_through_and_then_spreads_what_follows()
    {
        var limiter = new BucketRateLimiter<string>(10, 3, _time);
        Assert.Equal([0d, 0d, 0d, 100d, 200d], Enumerable.Range(0, 5).Select(_ => Math.Round(limiter.When("a").TotalMilliseconds)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, limiter.When("a").TotalMilliseconds);
    }

    [Fact]
    public async Task A_queue_that_is_shut_down_gives_what_is_left_and_then_ends()
    {
        using var queue = new WorkQueue<string>("q", _time);
        queue.Add("a");
        queue.ShutDown();
        queue.Add("b");
        Assert.Equal("a", await queue.TakeAsync(_cancellation));
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await queue.TakeAsync(_cancellation));
    }

    [Fact]
    public async Task A_reconciler_that_throws_is_run_again_and_one_that_asks_runs_again_later()
    {
        using var queue = new WorkQueue<NamespacedName>("q", TimeProvider.System);
        var key = new NamespacedName("a", "b");
        var reconciler = new Scripted();
        var controller = new Controller("test", reconciler, queue, 2, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = controller.RunAsync(stop.Token);
        queue.Add(key);
        await Eventually.TrueAsync(() => reconciler.Runs >= 4, "it runs four times");
        await stop.CancelAsync();
        await running;
        Assert.Equal(2, controller.Failed);
        Assert.Equal(0, queue.Failures(key));
        Assert.Equal(0, queue.Processing);
    }

    /// <summary>Fails twice, asks to run again once, and then is content.</summary>
    private sealed class Scripted : IReconciler
    {
        public volatile int Runs;

        public Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken) => Interlocked.Increment(ref Runs) switch
        {
            1 or 2 => throw new InvalidOperationException("not yet"),
            3 => Task.FromResult(Requeue.In(TimeSpan.FromMilliseconds(1))),
            _ => Task.FromResult(Requeue.OnChange),
        };
    }
}
