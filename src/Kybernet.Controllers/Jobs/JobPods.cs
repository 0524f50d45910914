using System.Globalization;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.Jobs;

/// <summary>What the pods of a Job are like, and what the Job's fields say of them.</summary>
internal static class JobPods
{
    private const int MaxGenerateName = 58;

    public static bool IsIndexed(this Job job) => job.Spec.CompletionMode == "Indexed";

    public static bool IsSuspended(this Job job) => job.Spec.Suspend == true;

    public static bool LimitsFailuresPerIndex(this Job job) => job.IsIndexed() && job.Spec.BackoffLimitPerIndex is not null;

    /// <summary>Whether a pod that is on its way out is waited for before another takes its place.</summary>
    public static bool ReplacesOnlyFailed(this Job job) => job.Spec.PodReplacementPolicy == "Failed" || job.Spec.PodFailurePolicy is not null;

    /// <summary>The condition that says that the job has ended; null while it has not.</summary>
    public static JobCondition? EndOf(Job job) => job.Status.Conditions.FirstOrDefault(
        static condition => condition is { Type: JobNames.Complete or JobNames.Failed, Status: ConditionStatus.True });

    /// <summary>Whether another controller is to run the job.</summary>
    public static bool IsForeign(this Job job) => job.Spec.ManagedBy is not (null or JobNames.ControllerName);

    /// <summary>Whether a pod counts as failed: for jobs that replace pods at once, also one that is being deleted.</summary>
    public static bool IsFailed(Pod pod, Job job) => pod.Status.Phase == PodStatuses.Failed
        || (!job.ReplacesOnlyFailed() && pod.Metadata.DeletionTimestamp is not null && pod.Status.Phase != PodStatuses.Succeeded
            && pod.Metadata.Finalizers.Contains(JobNames.TrackingFinalizer));

    /// <summary>The index in a pod's annotation; null where it has none that the job has.</summary>
    public static int? IndexOf(Pod pod, Job job) =>
        Number(pod, JobNames.CompletionIndex) is { } index && index < (job.Spec.Completions ?? 0) ? index : null;

    public static int FailuresOfIndex(Pod pod) => Number(pod, JobNames.IndexFailureCount) ?? 0;

    public static int IgnoredFailuresOfIndex(Pod pod) => Number(pod, JobNames.IndexIgnoredFailureCount) ?? 0;

    /// <summary>When the last of a pod's containers ended; where that is not known, when the pod was deleted; else now.</summary>
    public static DateTimeOffset FinishTime(Pod pod, DateTimeOffset now)
    {
        DateTimeOffset? last = null;
        foreach (var status in pod.Status.ContainerStatuses)
        {
            if (status.State?.Terminated?.FinishedAt is { } finished && !(finished <= last))
            {
                last = finished;
            }
        }
        return last ?? pod.Metadata.DeletionTimestamp?.AddSeconds(-(pod.Metadata.DeletionGracePeriodSeconds ?? 0)) ?? now;
    }

    /// <summary>The pod of a job that is not indexed.</summary>
    public static Pod Describe(Job job)
    {
        var pod = PodControl.FromTemplate(job.Spec.Template, job);
        return pod with { Metadata = pod.Metadata with { Finalizers = [.. pod.Metadata.Finalizers.Where(static name => name != JobNames.TrackingFinalizer), JobNames.TrackingFinalizer] } };
    }

    /// <summary>The pod of an index, which inherits the failures of the one that it replaces.</summary>
    public static Pod Describe(Job job, int index, Pod? replaced)
    {
        var pod = Describe(job);
        var text = index.ToString(CultureInfo.InvariantCulture);
        var annotations = new Dictionary<string, string>(pod.Metadata.Annotations, StringComparer.Ordinal) { [JobNames.CompletionIndex] = text };
        if (job.LimitsFailuresPerIndex())
        {
            AddFailures(annotations, job, replaced);
        }
        var suffix = $"-{text}-";
        var name = job.Metadata.Name!;
        return pod with
        {
            Metadata = pod.Metadata with
            {
                GenerateName = name[..Math.Min(name.Length, MaxGenerateName - suffix.Length)] + suffix,
                Labels = new Dictionary<string, string>(pod.Metadata.Labels, StringComparer.Ordinal) { [JobNames.CompletionIndex] = text },
                Annotations = annotations,
            },
            Spec = pod.Spec with
            {
                Hostname = $"{name}-{text}",
                InitContainers = [.. pod.Spec.InitContainers.Select(WithIndexVariable)],
                Containers = [.. pod.Spec.Containers.Select(WithIndexVariable)],
            },
        };
    }

    private static void AddFailures(Dictionary<string, string> annotations, Job job, Pod? replaced)
    {
        var (failures, ignored) = (0, 0);
        if (replaced is not null)
        {
            var isCounted = FailurePolicy.Match(job.Spec.PodFailurePolicy, replaced).IsCounted;
            failures = FailuresOfIndex(replaced) + (isCounted ? 1 : 0);
            ignored = IgnoredFailuresOfIndex(replaced) + (isCounted ? 0 : 1);
        }
        annotations[JobNames.IndexFailureCount] = failures.ToString(CultureInfo.InvariantCulture);
        if (ignored > 0)
        {
            annotations[JobNames.IndexIgnoredFailureCount] = ignored.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static Container WithIndexVariable(Container container)
    {
        if (container.Env.Any(static variable => variable.Name == JobNames.IndexVariable))
        {
            return container;
        }
        var field = new ObjectFieldSelector { FieldPath = $"metadata.labels['{JobNames.CompletionIndex}']" };
        var variable = new EnvVar { Name = JobNames.IndexVariable, ValueFrom = new EnvVarSource { FieldRef = field } };
        return container with { Env = [.. container.Env, variable] };
    }

    private static int? Number(Pod pod, string annotation) =>
        pod.Metadata.Annotations.TryGetValue(annotation, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;
}
