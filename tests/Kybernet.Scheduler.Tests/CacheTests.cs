using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Model;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Scheduler.Tests;

public sealed class CacheTests
{
    private readonly FactsCompiler _compiler = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Snapshot _snapshot = new();

    [Fact]
    public void An_assumed_pod_counts_on_its_node_until_it_is_forgotten()
    {
        var cache = NewCache();
        var pod = _compiler.Compile(Objects.Pod("p"));
        cache.Assume(pod, "n1");
        Assert.Equal(100, Requested(cache));
        Assert.True(cache.IsAssumed(pod.Uid));

        cache.Forget(pod);
        Assert.Equal(0, Requested(cache));
        Assert.False(cache.IsAssumed(pod.Uid));
    }

    [Fact]
    public void A_confirmed_pod_is_not_forgotten()
    {
        var cache = NewCache();
        var pod = _compiler.Compile(Objects.Pod("p"));
        cache.Assume(pod, "n1");
        cache.SetPod(_compiler.Compile(Objects.Pod("p", """{"nodeName":"n1"}""")));
        cache.Forget(pod);

        Assert.Equal(100, Requested(cache));
    }

    [Fact]
    public void A_pod_that_turns_out_to_be_elsewhere_is_moved()
    {
        var cache = NewCache();
        cache.SetNode(_compiler.Compile(Objects.Node("n2")));
        cache.Assume(_compiler.Compile(Objects.Pod("p")), "n1");
        cache.SetPod(_compiler.Compile(Objects.Pod("p", """{"nodeName":"n2"}""")));

        Assert.Equal(0, Requested(cache));
        Assert.Equal(100, Requested(cache, "n2"));
    }

    [Fact]
    public void An_assumed_pod_expires_only_after_its_binding_has_finished()
    {
        var cache = NewCache(TimeSpan.FromSeconds(30));
        var pod = _compiler.Compile(Objects.Pod("p"));
        cache.Assume(pod, "n1");
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(cache.Expire());

        cache.FinishBinding(pod);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(cache.Expire());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([pod], cache.Expire());
        Assert.Equal(0, Requested(cache));
    }

    [Fact]
    public void A_pod_assumed_twice_is_a_mistake()
    {
        var cache = NewCache();
        var pod = _compiler.Compile(Objects.Pod("p"));
        cache.Assume(pod, "n1");

        Assert.Throws<InvalidOperationException>(() => cache.Assume(pod, "n1"));
    }

    [Fact]
    public void The_snapshot_stands_still_until_it_is_updated_and_then_shows_only_what_changed()
    {
        var cache = NewCache();
        cache.SetNode(_compiler.Compile(Objects.Node("n2")));
        cache.Update(_snapshot);
        var (first, second) = (Find("n1").Generation, Find("n2").Generation);
        cache.Assume(_compiler.Compile(Objects.Pod("p")), "n1");
        Assert.Equal(0, Find("n1").RequestedMilliCpu);

        cache.Update(_snapshot);
        Assert.Equal(100, Find("n1").RequestedMilliCpu);
        Assert.NotEqual(first, Find("n1").Generation);
        Assert.Equal(second, Find("n2").Generation);
    }

    [Fact]
    public void A_removed_node_is_gone_at_once_and_its_pods_come_back_with_it()
    {
        var cache = NewCache();
        cache.SetPod(_compiler.Compile(Objects.Pod("p", """{"nodeName":"n1"}""")));
        cache.RemoveNode("n1");
        cache.Update(_snapshot);
        Assert.Equal(0, _snapshot.Count);

        cache.SetNode(_compiler.Compile(Objects.Node("n1")));
        Assert.Equal(100, Requested(cache));
    }

    [Fact]
    public void Nodes_of_different_zones_alternate()
    {
        var cache = new SchedulerCache(_time, Timeout.InfiniteTimeSpan);
        foreach (var name in new[] { "a1", "a2", "a3", "b1", "b2" })
        {
            cache.SetNode(_compiler.Compile(Objects.Node(name, labels: $$"""{"topology.kubernetes.io/zone":"{{name[0]}}"}""")));
        }
        cache.Update(_snapshot);

        Assert.Equal(["a1", "b1", "a2", "b2", "a3"], _snapshot.Nodes.ToArray().Select(node => node.Name));
    }

    private SchedulerCache NewCache(TimeSpan? expiry = null)
    {
        var cache = new SchedulerCache(_time, expiry ?? Timeout.InfiniteTimeSpan);
        cache.SetNode(_compiler.Compile(Objects.Node("n1")));
        return cache;
    }

    private NodeInfo Find(string node)
    {
        Assert.True(_snapshot.TryFind(node, out var found));
        return found;
    }

    private long Requested(SchedulerCache cache, string node = "n1")
    {
        cache.Update(_snapshot);
        return Find(node).RequestedMilliCpu;
    }
}
