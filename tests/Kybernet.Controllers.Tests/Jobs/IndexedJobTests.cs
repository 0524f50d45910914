using Kybernet.Api.Batch.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>Jobs whose pods each have an index.</summary>
public sealed class IndexedJobTests : JobTest
{
    [Fact]
    [Trait("Conformance", "ensure-pods-of-an-indexed-job-get-a-unique-index")]
    public async Task Each_pod_has_an_index_as_annotation_label_variable_and_host_name()
    {
        await CreateAsync(static spec => Indexed(spec, 4) with { Parallelism = 2 });
        var pods = await RunningAsync(2);
        Assert.Equal(["0", "1"], pods.Select(IndexOf).Order());
        var second = await RunningAsync("1");
        Assert.Equal(("work-1", "1"), (second.Spec.Hostname, second.Metadata.Labels["batch.kubernetes.io/job-completion-index"]));
        Assert.Equal("work-1-", second.Metadata.GenerateName);
        Assert.Equal(
            "metadata.labels['batch.kubernetes.io/job-completion-index']",
            second.Spec.Containers[0].Env.Single(static variable => variable.Name == "JOB_COMPLETION_INDEX").ValueFrom?.FieldRef?.FieldPath);
        foreach (var index in (string[])["0", "1", "2", "3"])
        {
            await FinishAsync(await RunningAsync(index), 0);
        }
        await HasEndedAsync("Complete");
        Assert.Equal(("0-3", 4), (Job.Status.CompletedIndexes, Job.Status.Succeeded));
    }

    [Fact]
    [Trait("Conformance", "ensure-that-all-indexes-are-executed-for-an-indexed-job-with-backofflimitperindex-despite-some-failing")]
    public async Task With_a_limit_for_each_index_all_are_run_though_some_fail()
    {
        await CreateAsync(static spec => Indexed(spec, 3) with { BackoffLimitPerIndex = 1 });
        await FinishAsync(await RunningAsync("0"), 1);
        await FinishAsync(await RunningAsync("1"), 0);
        await Eventually.TrueAsync(
            () => Running().Exists(static pod => IndexOf(pod) == "0" && pod.Metadata.Annotations["batch.kubernetes.io/job-index-failure-count"] == "1"),
            "the index is tried again");
        await FinishAsync(await RunningAsync("0"), 1);
        await Eventually.TrueAsync(() => Job.Status.FailedIndexes == "0", "the index has failed");
        await FinishAsync(await RunningAsync("2"), 0);
        await HasEndedAsync("Failed");
        Assert.Equal(("FailedIndexes", "0", "1,2"), (ReasonOf("Failed"), Job.Status.FailedIndexes, Job.Status.CompletedIndexes));
        Assert.Equal((2, 2), (Job.Status.Failed, Job.Status.Succeeded));
    }

    [Fact]
    [Trait("Conformance", "mark-indexes-as-failed-when-the-failindex-action-is-matched-in-podfailurepolicy")]
    public async Task A_rule_can_fail_an_index_without_another_try()
    {
        var rule = new PodFailurePolicyRule { Action = "FailIndex", OnExitCodes = new PodFailurePolicyOnExitCodesRequirement { Operator = "In", Values = [3] } };
        await CreateAsync(spec => Indexed(spec, 2) with { BackoffLimitPerIndex = 5, PodFailurePolicy = new PodFailurePolicy { Rules = [rule] } });
        await FinishAsync(await RunningAsync("0"), 3);
        await Eventually.TrueAsync(() => Job.Status.FailedIndexes == "0", "the index has failed");
        await FinishAsync(await RunningAsync("1"), 0);
        await HasEndedAsync("Failed");
        Assert.Equal(("FailedIndexes", "1", 1), (ReasonOf("Failed"), Job.Status.CompletedIndexes, Job.Status.Failed));
    }

    [Fact]
    [Trait("Conformance", "terminate-job-execution-when-the-maxfailedindexes-is-exceeded")]
    public async Task More_failed_indexes_than_it_may_have_end_it()
    {
        await CreateAsync(static spec => Indexed(spec, 4) with { BackoffLimitPerIndex = 0, MaxFailedIndexes = 1 });
        await FinishAsync(await RunningAsync("0"), 1);
        await FinishAsync(await RunningAsync("2"), 1);
        await HasEndedAsync("Failed");
        Assert.Equal(("MaxFailedIndexesExceeded", "0,2"), (ReasonOf("Failed"), Job.Status.FailedIndexes));
        Assert.Empty(Running());
    }

    [Fact]
    [Trait("Conformance", "ensure-that-job-with-successpolicy-succeededindexes-rule-succeeded-even-when-some-indexes-remain-pending")]
    public async Task It_succeeds_when_the_indexes_that_matter_have()
    {
        await CreateAsync(static spec => Indexed(spec, 3) with { SuccessPolicy = Rule(new SuccessPolicyRule { SucceededIndexes = "1" }) });
        await FinishAsync(await RunningAsync("1"), 0);
        await HasEndedAsync("Complete");
        Assert.Equal(("SuccessPolicy", "SuccessPolicy", "1"), (ReasonOf("SuccessCriteriaMet"), ReasonOf("Complete"), Job.Status.CompletedIndexes));
        Assert.Equal("Matched rules at index 0", Job.Status.Conditions.Single(static known => known.Type == "Complete").Message);
        Assert.Empty(Running());
        Assert.Null(Job.Status.Failed);
    }

    [Fact]
    [Trait("Conformance", "ensure-that-job-with-successpolicy-succeededcount-rule-succeeded-even-when-some-indexes-remain-pending")]
    public async Task It_succeeds_when_as_many_indexes_have_as_matter()
    {
        await CreateAsync(static spec => Indexed(spec, 3) with { SuccessPolicy = Rule(new SuccessPolicyRule { SucceededCount = 1 }) });
        await FinishAsync(await RunningAsync("2"), 0);
        await HasEndedAsync("Complete");
        Assert.Equal(("SuccessPolicy", "2"), (ReasonOf("Complete"), Job.Status.CompletedIndexes));
    }

    [Fact]
    [Trait("Conformance", "ensure-that-job-with-successpolicy-succeeded-when-all-indexes-succeeded")]
    public async Task A_success_policy_is_met_by_all_indexes_too()
    {
        await CreateAsync(static spec => Indexed(spec, 2) with { SuccessPolicy = Rule(new SuccessPolicyRule { SucceededIndexes = "0-1" }) });
        await FinishAsync(await RunningAsync("0"), 0);
        await FinishAsync(await RunningAsync("1"), 0);
        await HasEndedAsync("Complete");
        Assert.Equal(("SuccessPolicy", "0,1"), (ReasonOf("SuccessCriteriaMet"), Job.Status.CompletedIndexes));
    }

    private static SuccessPolicy Rule(SuccessPolicyRule rule) => new() { Rules = [rule] };
}
