using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Plugins;
using Kybernet.Scheduler.Queue;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Scheduler.Tests;

public sealed class QueueTests : IDisposable
{
    // One plugin: it keeps pods labelled "gate" out, and nodes help whomever it refused.
    private sealed class OnePlugin : IProfileEvents
    {
        public int GateOf(PodFacts pod) => pod.Labels.ContainsKey("gate") ? 0 : -1;

        public bool MayHelp(ClusterEvent happened, PodFacts pod, ulong rejectedBy) =>
            happened.Resource is ClusterResource.Node or ClusterResource.TargetPod && happened.Actions != ClusterActions.None;
    }

    private static readonly ClusterEvent NodeCame = new(ClusterResource.Node, ClusterActions.Add);
    private static readonly ClusterEvent PodCame = new(ClusterResource.AssignedPod, ClusterActions.Add);

    private readonly FactsCompiler _compiler = new();
    private readonly FakeTimeProvider _time = new();
    private readonly OnePlugin _profile = new();
    private readonly SchedulingQueue _queue;

    public QueueTests() => _queue = new SchedulingQueue(new QueueOptions { PopsFromBackoff = false }, new PrioritySort().Compare, _time);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void The_higher_priority_goes_first_and_then_who_came_first()
    {
        Add("low");
        _time.Advance(TimeSpan.FromSeconds(1));
        Add("high", """{"priority":10}""");
        _time.Advance(TimeSpan.FromSeconds(1));
        Add("late");

        Assert.Equal(["high", "low", "late"], [Pop(), Pop(), Pop()]);
        Assert.Null(_queue.TryPop());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 8)]
    [InlineData(5, 10)]
    [InlineData(9, 10)]
    public void The_back_off_doubles_up_to_ten_seconds(int rejections, int seconds)
    {
        Add("p");
        for (var i = 0; i < rejections; i++)
        {
            var pod = _queue.TryPop()!;
            _queue.Return(pod, rejectedBy: 1);
            _queue.MoveOn(NodeCame);
            if (i < rejections - 1)
            {
                _time.Advance(TimeSpan.FromSeconds(10));
                _queue.FlushBackoff();
            }
        }

        _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        _queue.FlushBackoff();
        Assert.Null(_queue.TryPop());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _queue.FlushBackoff();
        Assert.Equal("p", Pop());
    }

    [Fact]
    public void An_event_wakes_only_the_pods_it_may_help()
    {
        Add("p");
        _queue.Return(_queue.TryPop()!, rejectedBy: 1);
        _queue.MoveOn(PodCame);
        Assert.Equal(new QueueCounts(0, 0, 1, 0, 0), _queue.Counts);

        _queue.MoveOn(NodeCame);
        Assert.Equal(new QueueCounts(0, 1, 0, 0, 0), _queue.Counts);
    }

    [Fact]
    public void An_event_that_came_while_the_pod_was_in_flight_wakes_it_when_it_returns()
    {
        Add("p");
        var pod = _queue.TryPop()!;
        _queue.MoveOn(NodeCame);
        _queue.Return(pod, rejectedBy: 1);

        Assert.Equal(new QueueCounts(0, 1, 0, 0, 0), _queue.Counts);
    }

    [Fact]
    public void An_event_from_before_the_pod_was_popped_does_not_wake_it()
    {
        Add("p");
        Add("other");
        var other = _queue.TryPop()!;
        _queue.MoveOn(NodeCame);
        var pod = _queue.TryPop()!;
        _queue.Return(pod, rejectedBy: 1);
        _queue.Done(other);

        Assert.Equal(new QueueCounts(0, 0, 1, 0, 0), _queue.Counts);
    }

    [Fact]
    public void What_stays_unschedulable_is_tried_again_after_five_minutes()
    {
        Add("p");
        _queue.Return(_queue.TryPop()!, rejectedBy: 1);
        _time.Advance(TimeSpan.FromMinutes(5));
        _queue.FlushUnschedulable();
        Assert.Null(_queue.TryPop());

        _time.Advance(TimeSpan.FromSeconds(1));
        _queue.FlushUnschedulable();
        Assert.Equal("p", Pop());
    }

    [Fact]
    public void A_gated_pod_waits_until_its_gate_is_gone()
    {
        Add("p", labels: """{"gate":"x"}""");
        _queue.MoveOn(ClusterEvent.Everything);
        Assert.Equal(new QueueCounts(0, 0, 0, 1, 0), _queue.Counts);

        _queue.Update(_compiler.Compile(Objects.Pod("p")), _profile, ClusterActions.UpdatePodSchedulingGatesEliminated);
        Assert.Equal("p", Pop());
    }

    [Fact]
    public void A_pod_deleted_in_flight_does_not_come_back()
    {
        Add("p");
        var pod = _queue.TryPop()!;
        _queue.Delete("uid-p");
        _queue.Return(pod, rejectedBy: 1);

        Assert.Equal(default, _queue.Counts);
    }

    [Fact]
    public void A_pod_changed_in_flight_comes_back_changed()
    {
        Add("p");
        var pod = _queue.TryPop()!;
        _queue.Update(_compiler.Compile(Objects.Pod("p", """{"priority":7}""")), _profile, ClusterActions.UpdatePodLabel);
        _queue.Return(pod, rejectedBy: 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        _queue.FlushBackoff();

        Assert.Equal(7, _queue.TryPop()!.Pod.Priority);
    }

    [Fact]
    public void A_waiting_pod_is_popped_early_when_no_other_waits_unless_something_broke()
    {
        using var queue = new SchedulingQueue(new QueueOptions(), new PrioritySort().Compare, _time);
        queue.Add(_compiler.Compile(Objects.Pod("refused")), _profile);
        queue.Add(_compiler.Compile(Objects.Pod("broken")), _profile);
        var refused = queue.TryPop()!;
        var broken = queue.TryPop()!;
        queue.MoveOn(NodeCame);
        queue.Return(refused, rejectedBy: 1);
        queue.Return(broken, rejectedBy: 0);

        Assert.Equal("refused", queue.TryPop()?.Pod.Key.Name);
        Assert.Null(queue.TryPop());
        _time.Advance(TimeSpan.FromSeconds(1));
        queue.FlushBackoff();
        Assert.Equal("broken", queue.TryPop()?.Pod.Key.Name);
    }

    [Fact]
    public async Task Who_pops_from_an_empty_queue_gets_the_next_pod_that_comes()
    {
        var popping = _queue.PopAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(popping.IsCompleted);
        Add("p");

        Assert.Equal("p", (await popping).Pod.Key.Name);
    }

    private void Add(string name, string spec = "{}", string labels = "{}") => _queue.Add(_compiler.Compile(Objects.Pod(name, spec, labels)), _profile);

    private string? Pop() => _queue.TryPop()?.Pod.Key.Name;
}
