using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Policy.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>What PodDisruptionBudgets say, and what evictions make of it.</summary>
public sealed class DisruptionTests : OnServerTest
{
    [Fact]
    [Trait("Conformance", "poddisruptionbudget-status-updates")]
    public async Task Its_status_tells_how_many_pods_may_be_disrupted_now()
    {
        await BudgetAsync(static spec => spec with { MaxUnavailable = "50%" });
        await Client.CreateAsync(ReplicaSet("web", 3), Cancellation);
        await AllowsAsync(2);
        Assert.Equal((3, 1, 3), (Status.CurrentHealthy, Status.DesiredHealthy, Status.ExpectedPods));
    }

    [Fact]
    [Trait("Conformance", "poddisruptionbudget-block-an-eviction-until-the-pdb-is-updated-to-allow-it")]
    public async Task An_eviction_that_would_break_it_is_refused_until_it_allows_it()
    {
        await Client.CreateAsync(ReplicaSet("web", 2), Cancellation);
        await BudgetAsync(static spec => spec with { MinAvailable = 2 });
        await Eventually.TrueAsync(() => Status is { CurrentHealthy: 2, DisruptionsAllowed: 0 }, "two are healthy");
        var pod = List<Pod>("a")[0].Metadata.Name!;
        var refusal = await Assert.ThrowsAsync<ApiException>(() => EvictAsync(pod));
        Assert.Equal((429, "Cannot evict pod as it would violate the pod's disruption budget."), (refusal.Code, refusal.Message));
        Assert.Equal("The disruption budget web needs 2 healthy pods and has 2 currently", refusal.Status.Details!.Causes[0].Message);
        await ChangeAsync<PodDisruptionBudget>("a", "web", static budget => budget with { Spec = budget.Spec with { MinAvailable = 1 } });
        await AllowsAsync(1);
        await EvictAsync(pod);
        await Eventually.TrueAsync(() => Find<Pod>("a", pod) is null && Status is { CurrentHealthy: 2, DisruptionsAllowed: 1, DisruptedPods.Count: 0 }, "another took its place");
    }

    [Fact]
    public async Task Of_several_evictions_at_once_only_as_many_succeed_as_it_allows()
    {
        await Client.CreateAsync(ReplicaSet("web", 5), Cancellation);
        await BudgetAsync(static spec => spec with { MinAvailable = 3 });
        await AllowsAsync(2);
        // The pods that replace the first may be ready before the last is asked for; that none is missing is what counts.
        var outcomes = await Task.WhenAll(List<Pod>("a").Select(pod => TryEvictAsync(pod.Metadata.Name!)));
        Assert.Contains(true, outcomes);
        Assert.True(List<Pod>("a").Count(static pod => pod.Metadata.DeletionTimestamp is null && pod.IsReady()) >= 3);
    }

    [Fact]
    public async Task Pods_that_are_not_ready_may_go_if_the_policy_says_so()
    {
        var set = ReplicaSet("web", 1);
        await Client.CreateAsync(set with { Spec = set.Spec with { Template = Template("web", "good") } }, Cancellation);
        await BudgetAsync(static spec => spec with { MinAvailable = 1, UnhealthyPodEvictionPolicy = "AlwaysAllow" });
        await Eventually.TrueAsync(() => Status is { CurrentHealthy: 1, DisruptionsAllowed: 0 }, "it is healthy");
        var pod = List<Pod>("a").Single();
        Assert.False(await TryEvictAsync(pod.Metadata.Name!));
        await Client.UpdateStatusAsync(
            pod with { Status = pod.Status with { Conditions = [new PodCondition { Type = "Ready", Status = "False", LastTransitionTime = TimeProvider.System.GetUtcNow() }] } }, Cancellation);
        Assert.True(await TryEvictAsync(pod.Metadata.Name!));
    }

    [Fact]
    public async Task A_budget_of_pods_that_nobody_manages_says_what_is_wrong()
    {
        await Client.CreateAsync(
            new Pod { Metadata = new ObjectMeta { Namespace = "a", Name = "alone", Labels = new Dictionary<string, string> { ["app"] = "web" } }, Spec = Template("web", "good").Spec! },
            Cancellation);
        await BudgetAsync(static spec => spec with { MaxUnavailable = 1 });
        await Eventually.TrueAsync(() => List<Event>("a").Any(static known => known.Reason == "UnmanagedPods"), "the event");
        await Eventually.TrueAsync(() => Status is { ExpectedPods: 0, DisruptionsAllowed: 0 }, "nothing may go");
    }

    private PodDisruptionBudgetStatus Status => Find<PodDisruptionBudget>("a", "web")!.Status;

    private Task BudgetAsync(Func<PodDisruptionBudgetSpec, PodDisruptionBudgetSpec> change)
    {
        var spec = new PodDisruptionBudgetSpec { Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } } };
        return Client.CreateAsync(new PodDisruptionBudget { Metadata = new ObjectMeta { Namespace = "a", Name = "web" }, Spec = change(spec) }, Cancellation);
    }

    private Task AllowsAsync(int count) => Eventually.TrueAsync(() => Status.DisruptionsAllowed == count, $"{count} may go");

    private Task EvictAsync(string pod) =>
        Client.PostAsync<Pod>("a", pod, "eviction", new Eviction { Metadata = new ObjectMeta { Namespace = "a", Name = pod } }, Cancellation);

    private async Task<bool> TryEvictAsync(string pod)
    {
        try
        {
            await EvictAsync(pod);
            return true;
        }
        catch (ApiException exception) when (exception.Code == 429)
        {
            return false;
        }
    }
}
