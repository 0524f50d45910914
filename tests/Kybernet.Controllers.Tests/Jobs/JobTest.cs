using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>Jobs whose pods run until the test ends them.</summary>
public abstract class JobTest : OnServerTest
{
    private protected override ControllerOptions Options => new() { JobPodFailureBackoff = TimeSpan.FromMilliseconds(20) };

    private protected Job Job => Find<Job>("a", "work")!;

    private protected async Task CreateAsync(Func<JobSpec, JobSpec> change)
    {
        var template = Template("work", "good");
        var spec = new JobSpec { Template = template with { Spec = template.Spec with { RestartPolicy = "Never" } } };
        await Client.CreateAsync(new Job { Metadata = new ObjectMeta { Namespace = "a", Name = "work" }, Spec = change(spec) }, Cancellation);
    }

    private protected static JobSpec Indexed(JobSpec spec, int completions) =>
        spec with { CompletionMode = "Indexed", Completions = completions, Parallelism = completions };

    private protected bool Has(string condition) => Job.Status.Conditions.Any(known => known.Type == condition && known.Status == "True");

    private protected string? ReasonOf(string condition) => Job.Status.Conditions.FirstOrDefault(known => known.Type == condition)?.Reason;

    private protected Task HasEndedAsync(string condition) => Eventually.TrueAsync(() => Has(condition), condition);

    private protected List<Pod> Running() => [.. List<Pod>("a").Where(static pod => pod.Status.Phase == "Running" && pod.Metadata.DeletionTimestamp is null)];

    private protected async Task<List<Pod>> RunningAsync(int count)
    {
        await Eventually.TrueAsync(() => Running().Count == count, $"{count} pods run");
        return Running();
    }

    private protected async Task<Pod> RunningAsync(string index)
    {
        await Eventually.TrueAsync(() => Running().Exists(pod => IndexOf(pod) == index), $"index {index} runs");
        return Running().Single(pod => IndexOf(pod) == index);
    }

    private protected static string? IndexOf(Pod pod) => pod.Metadata.Annotations.GetValueOrDefault("batch.kubernetes.io/job-completion-index");

    private protected async Task FinishAsync(Pod pod, int exitCode, params PodCondition[] conditions) => await RetryOnConflict.RunAsync(
        async cancellation =>
        {
            var fresh = await Client.GetAsync<Pod>("a", pod.Metadata.Name!, cancellation);
            var ended = new ContainerStateTerminated { ExitCode = exitCode, FinishedAt = TimeProvider.System.GetUtcNow() };
            var container = new ContainerStatus { Name = "c", Image = "good", ImageID = "good", State = new ContainerState { Terminated = ended } };
            var status = fresh.Status with { Phase = exitCode == 0 ? "Succeeded" : "Failed", ContainerStatuses = [container], Conditions = conditions };
            return await Client.UpdateStatusAsync(fresh with { Status = status }, cancellation);
        },
        TimeProvider.System,
        Cancellation);
}
