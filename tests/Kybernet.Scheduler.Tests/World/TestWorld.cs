using Kybernet.Api.Core.V1;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Queue;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Scheduler.Tests;

/// <summary>A scheduler whose clock and cluster belong to the test.</summary>
internal sealed class TestWorld : IDisposable
{
    private readonly Dictionary<string, Pod> _pods = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly BackgroundWork _background;

    public TestWorld(SchedulerOptions? options = null)
    {
        _background = new BackgroundWork(NullLogger.Instance, _stop.Token);
        options ??= new SchedulerOptions { Seed = 1, Queue = new QueueOptions { PopsFromBackoff = false } };
        Scheduler = new PodScheduler(options, View, Api, _background, Time, NullLogger.Instance);
        Feed = new ClusterFeed(Scheduler);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public RecordingApi Api { get; } = new();

    public FakeView View { get; } = new();

    public PodScheduler Scheduler { get; }

    public ClusterFeed Feed { get; }

    public IReadOnlyDictionary<string, Pod> Pods => _pods;

    public void Dispose()
    {
        CheckInvariants();
        _stop.Cancel();
        _stop.Dispose();
        Scheduler.Dispose();
    }

    public void Add(Node node) => Feed.NodeAdded(node);

    public void Add(Pod pod)
    {
        _pods[pod.Metadata.Name!] = pod;
        Feed.PodAdded(pod);
    }

    public void Update(Pod pod)
    {
        var previous = _pods[pod.Metadata.Name!];
        _pods[pod.Metadata.Name!] = pod;
        Feed.PodUpdated(previous, pod);
    }

    public void Delete(string name)
    {
        if (_pods.Remove(name, out var pod))
        {
            Feed.PodDeleted(pod);
        }
    }

    /// <summary>Schedules all that waits, and has the API server confirm what was bound.</summary>
    public async Task ScheduleAsync()
    {
        while (Scheduler.TryScheduleOne())
        {
            await SettleAsync();
        }
        await SettleAsync();
    }

    /// <summary>Waits for what runs beside the loop.</summary>
    public async Task SettleAsync()
    {
        await _background.WhenIdleAsync().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        foreach (var (facts, node) in Api.Bound.ToArray())
        {
            if (_pods.TryGetValue(facts.Key.Name, out var pod) && string.IsNullOrEmpty(pod.Spec.NodeName))
            {
                Update(pod with { Spec = pod.Spec with { NodeName = node } });
            }
        }
    }

    public string NodeOf(string pod) => _pods[pod].Spec.NodeName ?? "";

    public string MessageOf(string pod) => Api.Conditions[pod].Condition.Message!;

    public void Advance(TimeSpan by)
    {
        Time.Advance(by);
        Scheduler.Queue.FlushBackoff();
        Scheduler.Queue.FlushUnschedulable();
        foreach (var pod in Scheduler.Cache.Expire())
        {
            Scheduler.Queue.MoveOn(new ClusterEvent(ClusterResource.AssignedPod, ClusterActions.Delete) { OldPod = pod });
        }
    }

    // No node ever bears more than it can.
    private void CheckInvariants()
    {
        Scheduler.Cache.Update(Scheduler.Snapshot);
        foreach (var node in Scheduler.Snapshot.Nodes)
        {
            Assert.True(node.RequestedMilliCpu <= node.Facts.Allocatable.MilliCpu, $"{node.Name} is over-committed");
            Assert.True(node.RequestedMemory <= node.Facts.Allocatable.Memory, $"{node.Name} is over-committed");
            Assert.True(node.PodCount <= node.Facts.AllowedPods, $"{node.Name} has too many pods");
        }
    }
}
