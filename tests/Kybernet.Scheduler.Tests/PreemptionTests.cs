using Kybernet.Api.Json;
using Kybernet.Api.Policy.V1;

namespace Kybernet.Scheduler.Tests;

public sealed class PreemptionTests
{
    [Fact]
    [Trait("Conformance", "scheduler-basic-preemption")]
    public async Task As_few_and_as_unimportant_pods_as_possible_are_evicted()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1", """{"cpu":"4"}"""));
        world.Add(Objects.Pod("a", Spec(1, "2", "n1")));
        world.Add(Objects.Pod("b", Spec(2, "1", "n1")));
        world.Add(Objects.Pod("c", Spec(3, "1", "n1")));
        world.Add(Objects.Pod("high", Spec(10, "2")));
        await world.ScheduleAsync();

        Assert.Equal(["a"], world.Api.Deleted.Select(pod => pod.Key.Name));
        Assert.Equal("n1", world.Api.Conditions["high"].Nominated);
        Assert.Equal("PreemptionByScheduler", world.Api.Conditions["a"].Condition.Reason);
        Assert.Equal("default-scheduler: preempting to accommodate a higher priority pod", world.Api.Conditions["a"].Condition.Message);
    }

    [Fact]
    public async Task A_node_whose_pods_no_budget_protects_is_preferred()
    {
        using var world = new TestWorld();
        world.View.Budgets.Add(ModelJson.Parse<PodDisruptionBudget>(
            """{"metadata":{"name":"b","namespace":"default"},"spec":{"selector":{"matchLabels":{"app":"db"}}},"status":{"disruptionsAllowed":0,"currentHealthy":1,"desiredHealthy":1,"expectedPods":1}}"""u8));
        world.Add(Objects.Node("n1", """{"cpu":"2"}"""));
        world.Add(Objects.Node("n2", """{"cpu":"2"}"""));
        world.Add(Objects.Pod("protected", Spec(1, "2", "n1"), """{"app":"db"}"""));
        world.Add(Objects.Pod("free", Spec(5, "2", "n2")));
        world.Add(Objects.Pod("high", Spec(10, "2")));
        await world.ScheduleAsync();

        Assert.Equal(["free"], world.Api.Deleted.Select(pod => pod.Key.Name));
    }

    [Fact]
    public async Task Pods_of_the_same_priority_are_left_alone()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1", """{"cpu":"2"}"""));
        world.Add(Objects.Pod("a", Spec(10, "2", "n1")));
        world.Add(Objects.Pod("b", Spec(10, "2")));
        await world.ScheduleAsync();

        Assert.Empty(world.Api.Deleted);
        Assert.Equal(
            "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
            world.MessageOf("b"));
    }

    private static string Spec(int priority, string cpu, string node = "") =>
        """{"priority":PRIORITY,"nodeName":"NODE","containers":[{"name":"c","resources":{"requests":{"cpu":"CPU"}}}]}"""
            .Replace("PRIORITY", priority.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .Replace("NODE", node)
            .Replace("CPU", cpu);
}
