using Kybernet.Api.Apps.V1;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Controllers.Tests;

/// <summary>What CronJobs do, on a clock that the test winds.</summary>
public sealed class CronJobTests : OnServerTest
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private protected override TimeProvider Time => _time;

    [Fact]
    [Trait("Conformance", "cronjob-allowconcurrent")]
    public async Task With_policy_Allow_its_runs_may_overlap()
    {
        await CreateAsync("Allow");
        await MinuteAsync(() => Cron.Status.Active.Count == 1);
        await MinuteAsync(() => Cron.Status.Active.Count == 2);
        var job = List<Job>("a").MaxBy(static job => job.Metadata.Name, StringComparer.Ordinal)!;
        var scheduled = Cron.Status.LastScheduleTime!.Value;
        Assert.Equal($"report-{scheduled.ToUnixTimeSeconds() / 60}", job.Metadata.Name);
        Assert.Equal(scheduled.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null), job.Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
        Assert.True(job.Metadata.Controller() is { Kind: "CronJob", Name: "report" });
    }

    [Fact]
    [Trait("Conformance", "cronjob-forbidconcurrent")]
    public async Task With_policy_Forbid_no_run_starts_while_another_goes_on()
    {
        await CreateAsync("Forbid");
        await MinuteAsync(() => Cron.Status.Active.Count == 1);
        await MinuteAsync(() => HasEvent("JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid"));
        Assert.Single(List<Job>("a"));
        await FinishAsync(List<Job>("a")[0].Metadata.Name!);
        await Eventually.TrueAsync(() => List<Job>("a").Count == 2, "the run that was due starts");
    }

    [Fact]
    [Trait("Conformance", "cronjob-replaceconcurrent")]
    public async Task With_policy_Replace_a_run_takes_the_place_of_the_one_before()
    {
        await CreateAsync("Replace");
        await MinuteAsync(() => Cron.Status.Active.Count == 1);
        var first = Cron.Status.Active[0].Uid;
        await MinuteAsync(() => Cron.Status.Active is [var second] && second.Uid != first && List<Job>("a").Count == 1);
    }

    [Fact]
    [Trait("Conformance", "cronjob-suspend")]
    public async Task While_it_is_suspended_no_run_starts()
    {
        await CreateAsync("Allow", static spec => spec with { Suspend = true });
        _time.Advance(TimeSpan.FromMinutes(3));
        await Client.CreateAsync(Cron with { Metadata = new ObjectMeta { Namespace = "a", Name = "other" }, Spec = Cron.Spec with { Suspend = false } }, Cancellation);
        await MinuteAsync(() => List<Job>("a").Count > 0);
        Assert.All(List<Job>("a"), static job => Assert.Equal("other", job.Metadata.Controller()!.Name));
    }

    [Fact]
    public async Task As_many_runs_are_kept_as_its_limits_say()
    {
        await CreateAsync("Allow", static spec => spec with { SuccessfulJobsHistoryLimit = 1 });
        for (var run = 0; run < 3; run++)
        {
            await MinuteAsync(() => Cron.Status.Active.Count == 1);
            await FinishAsync(Cron.Status.Active[0].Name!);
            await Eventually.TrueAsync(() => Cron.Status is { Active.Count: 0, LastSuccessfulTime: not null }, "the run is over");
        }
        await Eventually.TrueAsync(() => List<Job>("a") is [var last] && last.Metadata.Name == $"report-{Cron.Status.LastScheduleTime!.Value.ToUnixTimeSeconds() / 60}", "the last is kept");
    }

    [Fact]
    public async Task A_run_that_cannot_start_in_time_is_missed()
    {
        await CreateAsync("Allow", static spec => spec with { Suspend = true, StartingDeadlineSeconds = 10, Schedule = "0 0 1 1 *" });
        var soon = _time.GetUtcNow().AddMinutes(-1);
        await ChangeAsync<CronJob>("a", "report", cron => cron with { Spec = cron.Spec with { Suspend = false, Schedule = $"{soon.Minute} {soon.Hour} * * *" } });
        await Client.CreateAsync(ReplicaSet("web", 1), Cancellation);
        await Eventually.TrueAsync(() => Find<ReplicaSet>("a", "web")!.Status.ReadyReplicas == 1, "controllers work");
        Assert.Empty(List<Job>("a"));
    }

    private CronJob Cron => Find<CronJob>("a", "report")!;

    private async Task CreateAsync(string policy, Func<CronJobSpec, CronJobSpec>? change = null)
    {
        var template = Template("report", "good");
        var spec = new CronJobSpec
        {
            Schedule = "*/1 * * * *",
            ConcurrencyPolicy = policy,
            JobTemplate = new JobTemplateSpec { Spec = new JobSpec { Template = template with { Spec = template.Spec with { RestartPolicy = "Never" } } } },
        };
        await Client.CreateAsync(new CronJob { Metadata = new ObjectMeta { Namespace = "a", Name = "report" }, Spec = change is null ? spec : change(spec) }, Cancellation);
        await Eventually.TrueAsync(() => Find<CronJob>("a", "report") is not null, "it is there");
    }

    /// <summary>Lets minutes go by until something holds: the first may be over before the controller has seen the CronJob.</summary>
    private async Task MinuteAsync(Func<bool> condition)
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(50)); // what waits for a moment gets on
                return condition();
            },
            "what the minute brings");
    }

    private async Task FinishAsync(string job)
    {
        await Eventually.TrueAsync(() => PodOf(job) is { Status.Phase: "Running" }, "its pod runs");
        var pod = PodOf(job)!;
        await Client.UpdateStatusAsync(pod with { Status = pod.Status with { Phase = "Succeeded" } }, Cancellation);
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(50));
                return Find<Job>("a", job) is null or { Status.CompletionTime: not null };
            },
            "it is complete");
    }

    private Pod? PodOf(string job) => List<Pod>("a").SingleOrDefault(pod => pod.Metadata.Controller()?.Name == job);
}
