using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Tests;

public sealed class FrameworkTests
{
    // Takes part wherever the test wants it to.
    private sealed class Custom(PluginContext context) : IFilterPlugin, IReservePlugin, IPermitPlugin, IPostBindPlugin
    {
        public PluginContext Context { get; } = context;

        public List<string> Calls { get; } = [];

        public Func<PluginStatus> OnFilter { get; set; } = () => PluginStatus.Success;

        public PluginStatus OnReserve { get; set; } = PluginStatus.Success;

        public PluginStatus OnPermit { get; set; } = PluginStatus.Success;

        public string Name => "Custom";

        public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node) => OnFilter();

        public PluginStatus Reserve(CycleState state, PodFacts pod, string node)
        {
            Calls.Add("reserve " + node);
            return OnReserve;
        }

        public void Unreserve(CycleState state, PodFacts pod, string node) => Calls.Add("unreserve " + node);

        public PluginStatus Permit(CycleState state, PodFacts pod, string node, out TimeSpan timeout)
        {
            timeout = TimeSpan.FromSeconds(10);
            return OnPermit;
        }

        public void PostBind(CycleState state, PodFacts pod, string node) => Calls.Add("postbind " + node);
    }

    private Custom _plugin = null!;

    [Fact]
    public async Task A_plugin_of_ones_own_is_called_in_its_places()
    {
        using var world = NewWorld();
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Pod("p"));
        await world.ScheduleAsync();

        Assert.Equal(["reserve n1", "postbind n1"], _plugin.Calls);
        Assert.Equal("n1", world.NodeOf("p"));
    }

    [Fact]
    public async Task A_refusal_after_the_choice_undoes_what_was_reserved()
    {
        using var world = NewWorld();
        _plugin.OnReserve = PluginStatus.Unschedulable("no room at the inn");
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Pod("p"));
        await world.ScheduleAsync();

        Assert.Equal(["reserve n1", "unreserve n1"], _plugin.Calls);
        Assert.Equal("0/1 nodes are available: 1 no room at the inn.", world.MessageOf("p"));
        Assert.Equal(0, world.Scheduler.Cache.AssumedCount);
    }

    [Fact]
    public async Task A_plugin_that_throws_costs_its_pod_a_back_off_and_no_other_anything()
    {
        using var world = NewWorld();
        var calls = 0;
        _plugin.OnFilter = () => calls++ == 0 ? throw new InvalidOperationException("bug") : PluginStatus.Success;
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Pod("first"));
        world.Add(Objects.Pod("second"));
        await world.ScheduleAsync();

        Assert.Equal("", world.NodeOf("first"));
        Assert.Equal("n1", world.NodeOf("second"));
        Assert.Equal("SchedulerError", world.Api.Conditions["first"].Condition.Reason);
        Assert.Equal("bug", world.MessageOf("first"));

        world.Advance(TimeSpan.FromSeconds(1));
        await world.ScheduleAsync();
        Assert.Equal("n1", world.NodeOf("first"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pod_that_has_to_wait_is_bound_when_it_is_allowed(bool allowed)
    {
        using var world = NewWorld();
        _plugin.OnPermit = PluginStatus.Wait;
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Pod("p"));
        Assert.True(world.Scheduler.TryScheduleOne());
        var waiting = _plugin.Context.FindWaiting("uid-p")!;
        Assert.Equal(1, world.Scheduler.Cache.AssumedCount);

        if (allowed)
        {
            waiting.Allow("Custom");
        }
        else
        {
            waiting.Reject("Custom", "not today");
        }
        await world.SettleAsync();
        Assert.Equal(allowed ? "n1" : "", world.NodeOf("p"));
        if (!allowed)
        {
            Assert.Equal("0/1 nodes are available: 1 not today.", world.MessageOf("p"));
        }
    }

    [Fact]
    public async Task A_pod_is_left_to_the_scheduler_that_it_names()
    {
        using var world = NewWorld();
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Pod("p", """{"schedulerName":"another"}"""));
        await world.ScheduleAsync();

        Assert.Equal("", world.NodeOf("p"));
        Assert.Equal(default, world.Scheduler.Queue.Counts);
    }

    [Fact]
    public async Task Without_nodes_the_message_says_so()
    {
        using var world = NewWorld();
        world.Add(Objects.Pod("p"));
        await world.ScheduleAsync();

        Assert.Equal("no nodes available to schedule pods", world.MessageOf("p"));
    }

    [Fact]
    public void A_plugin_that_nobody_knows_is_named()
    {
        var options = new SchedulerOptions { Profiles = [new ProfileOptions { Plugins = [new("Nonsense")] }] };

        Assert.Equal("there is no scheduler plugin \"Nonsense\"", Assert.Throws<ArgumentException>(() => new TestWorld(options)).Message);
    }

    private TestWorld NewWorld() => new(new SchedulerOptions
    {
        Seed = 1,
        Queue = new QueueOptions { PopsFromBackoff = false },
        Profiles = [new ProfileOptions { Plugins = [.. ProfileOptions.DefaultPlugins, new PluginChoice("Custom")] }],
        Plugins = new Dictionary<string, PluginFactory> { ["Custom"] = context => _plugin = new Custom(context) },
    });
}
