using Kybernet.Api.Apps.V1;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>How Jobs run, fail, wait and end.</summary>
public sealed class JobTests : JobTest
{
    [Fact]
    public async Task It_is_complete_when_as_many_pods_have_succeeded_as_wanted()
    {
        await CreateAsync(static spec => spec with { Completions = 3, Parallelism = 2 });
        var pods = await RunningAsync(2);
        Assert.All(pods, static pod => Assert.Contains("batch.kubernetes.io/job-tracking", pod.Metadata.Finalizers));
        await FinishAsync(pods[0], 0);
        await Eventually.TrueAsync(() => Job.Status is { Succeeded: 1, Active: 2 }, "one is counted, another runs");
        foreach (var pod in await RunningAsync(2))
        {
            await FinishAsync(pod, 0);
        }
        await HasEndedAsync("Complete");
        var status = Job.Status;
        Assert.Equal((3, null, null), (status.Succeeded, status.Failed, status.Active));
        Assert.Equal(("CompletionsReached", "CompletionsReached"), (ReasonOf("SuccessCriteriaMet"), ReasonOf("Complete")));
        Assert.NotNull(status.CompletionTime);
        Assert.Equal(3, List<Pod>("a").Count);
        Assert.All(List<Pod>("a"), static pod => Assert.Empty(pod.Metadata.Finalizers));
        await Eventually.TrueAsync(() => HasEvent("Completed", "Job completed"), "the event");
    }

    [Fact]
    public async Task It_fails_when_more_pods_fail_than_it_may_and_ends_the_others()
    {
        await CreateAsync(static spec => spec with { Completions = 2, Parallelism = 2, BackoffLimit = 1 });
        await FinishAsync((await RunningAsync(2))[0], 1);
        await Eventually.TrueAsync(() => Job.Status is { Failed: 1, Active: 2 }, "it is replaced");
        await FinishAsync((await RunningAsync(2))[0], 1);
        await HasEndedAsync("Failed");
        Assert.Equal(("BackoffLimitExceeded", "BackoffLimitExceeded"), (ReasonOf("FailureTarget"), ReasonOf("Failed")));
        Assert.Equal((3, null), (Job.Status.Failed, Job.Status.Active));
        Assert.Equal(2, List<Pod>("a").Count);
        await Eventually.TrueAsync(() => HasEvent("BackoffLimitExceeded", "Job has reached the specified backoff limit"), "the event");
    }

    [Fact]
    public async Task It_fails_when_it_is_active_for_longer_than_its_deadline()
    {
        await CreateAsync(static spec => spec with { ActiveDeadlineSeconds = 1 });
        await HasEndedAsync("Failed");
        Assert.Equal("DeadlineExceeded", ReasonOf("Failed"));
        Assert.Empty(List<Pod>("a"));
    }

    [Fact]
    public async Task While_it_is_suspended_it_has_no_pods()
    {
        await CreateAsync(static spec => spec with { Suspend = true });
        await HasEndedAsync("Suspended");
        Assert.Null(Job.Status.StartTime);
        await SuspendAsync(false);
        await RunningAsync(1);
        Assert.Equal("JobResumed", ReasonOf("Suspended"));
        Assert.NotNull(Job.Status.StartTime);
        await SuspendAsync(true);
        await Eventually.TrueAsync(() => List<Pod>("a").Count == 0 && Has("Suspended"), "its pod goes");
        Assert.Null(Job.Status.Failed);
    }

    [Fact]
    [Trait("Conformance", "jobs-active-pods-graceful-termination")]
    public async Task It_runs_as_many_pods_as_it_may_and_takes_them_with_it()
    {
        await CreateAsync(static spec => spec with { Completions = 4, Parallelism = 2 });
        await RunningAsync(2);
        await ChangeAsync<Job>("a", "work", static job => job with { Spec = job.Spec with { Parallelism = 1 } });
        await RunningAsync(1);
        Assert.Null(Job.Status.Failed);
        await Client.DeleteAsync<Job>("a", "work", new DeleteOptions { PropagationPolicy = "Foreground" }, Cancellation);
        await Eventually.TrueAsync(() => Find<Job>("a", "work") is null && List<Pod>("a").Count == 0, "all are gone");
    }

    [Fact]
    [Trait("Conformance", "jobs-orphan-pods-re-adoption")]
    public async Task It_takes_an_ownerless_pod_back_and_lets_go_of_one_that_does_not_match()
    {
        await CreateAsync(static spec => spec with { Completions = 2, Parallelism = 2 });
        var name = (await RunningAsync(2))[0].Metadata.Name!;
        await ChangeAsync<Pod>("a", name, static pod => pod with { Metadata = pod.Metadata with { OwnerReferences = [] } });
        await Eventually.TrueAsync(() => Find<Pod>("a", name)!.Metadata.Controller() is { Kind: "Job" }, "it is taken back");
        await ChangeAsync<Pod>("a", name, static pod => pod with { Metadata = pod.Metadata with { Labels = new Dictionary<string, string> { ["app"] = "other" } } });
        await Eventually.TrueAsync(() => Find<Pod>("a", name)!.Metadata is { OwnerReferences: [], Finalizers: [] }, "it is let go of");
        await RunningAsync(3);
    }

    [Fact]
    public async Task A_job_of_another_controller_is_left_alone()
    {
        await CreateAsync(static spec => spec with { ManagedBy = "example.com/other" });
        await Client.CreateAsync(ReplicaSet("web", 1), Cancellation);
        await Eventually.TrueAsync(() => Find<ReplicaSet>("a", "web")!.Status.ReadyReplicas == 1, "controllers work");
        Assert.Null(Job.Status.StartTime);
        Assert.Empty(Job.Status.Conditions);
    }

    [Fact]
    public async Task It_is_deleted_with_its_pods_when_its_time_after_the_end_is_over()
    {
        await CreateAsync(static spec => spec with { TtlSecondsAfterFinished = 1 });
        await FinishAsync((await RunningAsync(1))[0], 0);
        await HasEndedAsync("Complete");
        await Eventually.TrueAsync(() => Find<Job>("a", "work") is null && List<Pod>("a").Count == 0, "it is gone");
    }

    [Fact]
    [Trait("Conformance", "verify-pod-failure-policy-allows-to-fail-job-early-on-exit-code")]
    public async Task An_exit_code_can_end_the_job_at_the_first_failure()
    {
        var rule = new PodFailurePolicyRule { Action = "FailJob", OnExitCodes = new PodFailurePolicyOnExitCodesRequirement { Operator = "In", Values = [42] } };
        await CreateAsync(spec => spec with { BackoffLimit = 6, PodFailurePolicy = new PodFailurePolicy { Rules = [rule] } });
        var pod = (await RunningAsync(1))[0];
        await FinishAsync(pod, 42);
        await HasEndedAsync("Failed");
        Assert.Equal("PodFailurePolicy", ReasonOf("Failed"));
        Assert.Equal(
            $"Container c for pod a/{pod.Metadata.Name} failed with exit code 42 matching FailJob rule at index 0",
            Job.Status.Conditions.Single(static known => known.Type == "Failed").Message);
    }

    [Fact]
    [Trait("Conformance", "ensure-pod-failure-policy-allows-to-ignore-failure-matching-on-the-disruptiontarget-condition")]
    public async Task Pods_that_were_disrupted_need_not_count_as_failures()
    {
        var pattern = new PodFailurePolicyOnPodConditionsPattern { Type = "DisruptionTarget", Status = "True" };
        var policy = new PodFailurePolicy { Rules = [new PodFailurePolicyRule { Action = "Ignore", OnPodConditions = [pattern] }] };
        await CreateAsync(spec => spec with { BackoffLimit = 0, PodFailurePolicy = policy });
        await FinishAsync((await RunningAsync(1))[0], 1, new PodCondition { Type = "DisruptionTarget", Status = "True" });
        await FinishAsync((await RunningAsync(1))[0], 0);
        await HasEndedAsync("Complete");
        Assert.Null(Job.Status.Failed);
    }

    [Fact]
    [Trait("Conformance", "jobs-apply-changes-to-status")]
    public async Task Its_status_can_be_read_patched_and_replaced_while_it_runs()
    {
        await CreateAsync(static spec => spec with { Completions = 2, Parallelism = 2 });
        await RunningAsync(2);
        var patch = System.Text.Json.Nodes.JsonNode.Parse("""{"metadata":{"annotations":{"patchedstatus":"true"}},"status":{"startTime":"2026-01-02T03:04:05Z"}}""")!;
        var patched = await Client.PatchAsync<Job>("a", "work", "status", Patch.Merge(patch), Cancellation);
        Assert.Equal("true", patched.Metadata.Annotations["patchedstatus"]);
        var start = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);
        await RetryOnConflict.RunAsync(
            async cancellation =>
            {
                var fresh = await Client.GetAsync<Job>("a", "work", cancellation);
                return await Client.UpdateStatusAsync(fresh with { Status = fresh.Status with { StartTime = start } }, cancellation);
            },
            TimeProvider.System,
            Cancellation);
        Assert.Equal(start, Job.Status.StartTime);
    }

    private Task SuspendAsync(bool isSuspended) => ChangeAsync<Job>("a", "work", job => job with { Spec = job.Spec with { Suspend = isSuspended } });
}
