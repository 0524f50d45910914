namespace Kybernet.Scheduler.Tests;

public sealed class ScoreTests
{
    [Fact]
    public async Task The_node_with_most_left_is_preferred()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("small", """{"cpu":"2","memory":"4Gi"}"""));
        world.Add(Objects.Node("large", """{"cpu":"16","memory":"32Gi"}"""));
        world.Add(Objects.Pod("p"));
        await world.ScheduleAsync();

        Assert.Equal("large", world.NodeOf("p"));
    }

    [Fact]
    public async Task A_preferred_node_wins_over_an_equal_one()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Node("n2", labels: """{"disk":"ssd"}"""));
        world.Add(Objects.Node("n3"));
        world.Add(Objects.Pod("p", """{"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":{"matchExpressions":[{"key":"disk","operator":"In","values":["ssd"]}]}}]}}}"""));
        await world.ScheduleAsync();

        Assert.Equal("n2", world.NodeOf("p"));
    }

    [Fact]
    public async Task A_node_that_would_rather_not_have_the_pod_is_the_last_choice()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1", spec: """{"taints":[{"key":"k","effect":"PreferNoSchedule"}]}"""));
        world.Add(Objects.Node("n2"));
        world.Add(Objects.Pod("p"));
        await world.ScheduleAsync();

        Assert.Equal("n2", world.NodeOf("p"));
    }

    [Fact]
    public async Task A_node_that_holds_a_large_image_is_preferred()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Node("n2", images: """[{"names":["app:1"],"sizeBytes":900000000}]"""));
        world.Add(Objects.Pod("p"));
        await world.ScheduleAsync();

        Assert.Equal("n2", world.NodeOf("p"));
    }

    [Fact]
    public async Task Pods_of_one_set_are_spread_over_nodes_and_zones()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("a1", labels: """{"topology.kubernetes.io/zone":"a"}"""));
        world.Add(Objects.Node("a2", labels: """{"topology.kubernetes.io/zone":"a"}"""));
        world.Add(Objects.Node("b1", labels: """{"topology.kubernetes.io/zone":"b"}"""));
        world.Add(Objects.Node("b2", labels: """{"topology.kubernetes.io/zone":"b"}"""));
        for (var i = 0; i < 4; i++)
        {
            world.Add(Objects.Pod($"p{i}", labels: """{"app":"web"}"""));
        }
        await world.ScheduleAsync();

        Assert.Equal(4, Enumerable.Range(0, 4).Select(i => world.NodeOf($"p{i}")).Distinct().Count());
        Assert.NotEqual(world.NodeOf("p0")[0], world.NodeOf("p1")[0]);
    }

    [Fact]
    public async Task A_spread_constraint_that_must_hold_keeps_the_skew()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("a1", """{"pods":"2"}""", """{"zone":"a"}"""));
        world.Add(Objects.Node("b1", """{"cpu":"64","memory":"64Gi"}""", """{"zone":"b"}"""));
        const string Spec = """{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"web"}}}]}""";
        for (var i = 0; i < 6; i++)
        {
            world.Add(Objects.Pod($"p{i}", Spec, """{"app":"web"}"""));
        }
        await world.ScheduleAsync();

        var placed = Enumerable.Range(0, 6).Select(i => world.NodeOf($"p{i}")).ToArray();
        Assert.Equal(2, placed.Count(node => node == "a1"));
        Assert.Equal(3, placed.Count(node => node == "b1"));
        var left = Array.IndexOf(placed, "");
        Assert.StartsWith(
            "0/2 nodes are available: 1 Too many pods, 1 node(s) didn't match pod topology spread constraints. preemption: ",
            world.MessageOf($"p{left}"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("podAffinity", "n2")]
    [InlineData("podAntiAffinity", "n1")]
    public async Task Required_affinity_to_pods_decides(string kind, string node)
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Node("n2"));
        world.Add(Objects.Pod("other", """{"nodeName":"n2"}""", """{"role":"db"}"""));
        world.Add(Objects.Pod("p", """{"affinity":{"KIND":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"role":"db"}}}]}}}""".Replace("KIND", kind)));
        await world.ScheduleAsync();

        Assert.Equal(node, world.NodeOf("p"));
    }

    [Theory]
    [InlineData("podAffinity", "n2")]
    [InlineData("podAntiAffinity", "n1")]
    public async Task Preferred_affinity_to_pods_decides_among_nodes_that_fit(string kind, string node)
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Node("n2"));
        world.Add(Objects.Pod("other", """{"nodeName":"n2","containers":[{"name":"c"}]}""", """{"role":"db"}"""));
        world.Add(Objects.Pod("p", """{"containers":[{"name":"c"}],"affinity":{"KIND":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":100,"podAffinityTerm":{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"role":"db"}}}}]}}}""".Replace("KIND", kind)));
        await world.ScheduleAsync();

        Assert.Equal(node, world.NodeOf("p"));
    }

    [Fact]
    public async Task A_pod_that_went_away_keeps_nobody_away()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Pod("loner", """{"nodeName":"n1","affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"role":"noisy"}}}]}}}"""));
        world.Add(Objects.Pod("p", labels: """{"role":"noisy"}"""));
        await world.ScheduleAsync();
        Assert.Equal("", world.NodeOf("p"));

        world.Delete("loner");
        world.Advance(TimeSpan.FromSeconds(1));
        await world.ScheduleAsync();
        Assert.Equal("n1", world.NodeOf("p"));
    }

    [Fact]
    public async Task A_running_pod_keeps_away_those_it_must_not_be_near_to()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Pod("loner", """{"nodeName":"n1","affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"role":"noisy"}}}]}}}"""));
        world.Add(Objects.Pod("p", labels: """{"role":"noisy"}"""));
        await world.ScheduleAsync();

        Assert.StartsWith(
            "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.", world.MessageOf("p"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_of_a_group_that_wants_to_be_together_may_go_anywhere()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Node("n2"));
        const string Spec = """{"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"group":"g"}}}]}}}""";
        world.Add(Objects.Pod("p1", Spec, """{"group":"g"}"""));
        world.Add(Objects.Pod("p2", Spec, """{"group":"g"}"""));
        await world.ScheduleAsync();

        Assert.NotEqual("", world.NodeOf("p1"));
        Assert.Equal(world.NodeOf("p1"), world.NodeOf("p2"));
    }

    [Theory]
    [InlineData(50, 0, 50)]
    [InlineData(99, 0, 99)]
    [InlineData(100, 0, 100)]
    [InlineData(1000, 0, 420)]
    [InlineData(5000, 0, 500)]
    [InlineData(6000, 0, 300)]
    [InlineData(1000, 40, 400)]
    [InlineData(1000, 5, 100)]
    public void The_search_ends_when_enough_nodes_fit(int nodes, int percentage, int wanted) =>
        Assert.Equal(wanted, NodeSearch.Wanted(percentage, nodes));
}
