using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.Jobs;

/// <summary>One look at a Job and its pods: what has ended since the last look, and how that adds up.</summary>
internal sealed class JobLook
{
    private readonly HashSet<string> _released;
    private readonly HashSet<string> _uncountedSucceeded;
    private readonly HashSet<string> _uncountedFailed;

    /// <param name="job">The job as the cache shows it.</param>
    /// <param name="pods">Its pods.</param>
    /// <param name="released">Those that have been let go of though the cache does not show it.</param>
    /// <param name="now">When it is looked at.</param>
    public JobLook(Job job, List<Pod> pods, HashSet<string> released, DateTimeOffset now)
    {
        (Job, Pods, Now, _released) = (job, pods, now, released);
        _uncountedSucceeded = [.. job.Status.UncountedTerminatedPods?.Succeeded ?? []];
        _uncountedFailed = [.. job.Status.UncountedTerminatedPods?.Failed ?? []];
        ActivePods = [.. pods.Where(static pod => pod.IsActive())];
        (Active, Ready) = (ActivePods.Count, ActivePods.Count(static pod => pod.IsReady()));
        Terminating = pods.Count(static pod => pod.Metadata.DeletionTimestamp is not null && !pod.IsTerminal());
        NewlySucceeded = [.. pods.Where(pod => IsToCount(pod, _uncountedSucceeded) && pod.Status.Phase == PodStatuses.Succeeded)];
        NewlyFailed = [.. pods.Where(pod => IsToCount(pod, _uncountedFailed) && JobPods.IsFailed(pod, job))];
        Failed = (job.Status.Failed ?? 0) + _uncountedFailed.Count + NewlyFailed.Count(pod => FailurePolicy.Match(job.Spec.PodFailurePolicy, pod).IsCounted);
        Succeeded = (job.Status.Succeeded ?? 0) + _uncountedSucceeded.Count + NewlySucceeded.Count;
        if (job.IsIndexed())
        {
            CountIndexes();
        }
    }

    public Job Job { get; }

    public List<Pod> Pods { get; }

    public DateTimeOffset Now { get; }

    public List<Pod> ActivePods { get; }

    public List<Pod> NewlySucceeded { get; }

    public List<Pod> NewlyFailed { get; }

    /// <summary>How many pods, or indexes of an indexed job, have succeeded; counted or not.</summary>
    public int Succeeded { get; private set; }

    /// <summary>How many pods have failed; counted or not.</summary>
    public int Failed { get; }

    /// <summary>The indexes that the status has already.</summary>
    public IndexSet CountedIndexes { get; private set; } = new();

    public IndexSet SucceededIndexes { get; private set; } = new();

    /// <summary>The indexes that are not tried again.</summary>
    public IndexSet FailedIndexes { get; private set; } = new();

    /// <summary>The last failed pod of each index that is to be tried again: it is held until its successor has inherited its failures.</summary>
    public Dictionary<int, Pod> HeldPods { get; } = [];

    public int Active { get; set; }

    public int Ready { get; set; }

    public int Terminating { get; set; }

    /// <summary>When to look again though nothing changed; null where there is no need.</summary>
    public TimeSpan? Wait { get; private set; }

    public void LookAgainIn(TimeSpan delay) => Wait = Wait < delay ? Wait : delay;

    /// <summary>Whether a pod has not been counted and let go of yet.</summary>
    public bool IsTracked(Pod pod) => pod.Metadata.Finalizers.Contains(JobNames.TrackingFinalizer) && !_released.Contains(pod.Metadata.Uid!);

    public bool IsUncountedFailure(Pod pod) => _uncountedFailed.Contains(pod.Metadata.Uid!);

    public bool IsUncountedSuccess(Pod pod) => _uncountedSucceeded.Contains(pod.Metadata.Uid!);

    private bool IsToCount(Pod pod, HashSet<string> uncounted) =>
        IsTracked(pod) && !uncounted.Contains(pod.Metadata.Uid!) && (!Job.IsIndexed() || JobPods.IndexOf(pod, Job) is not null);

    private void CountIndexes()
    {
        var completions = Job.Spec.Completions ?? 0;
        CountedIndexes = IndexSet.Parse(Job.Status.CompletedIndexes, completions);
        SucceededIndexes = CountedIndexes.Copy();
        foreach (var pod in Pods)
        {
            if (pod.Status.Phase == PodStatuses.Succeeded && IsTracked(pod) && JobPods.IndexOf(pod, Job) is { } index)
            {
                SucceededIndexes.Add(index);
            }
        }
        Succeeded = SucceededIndexes.Count;
        if (!Job.LimitsFailuresPerIndex())
        {
            return;
        }
        FailedIndexes = IndexSet.Parse(Job.Status.FailedIndexes, completions);
        var failed = Pods.Where(pod => IsTracked(pod) && JobPods.IsFailed(pod, Job) && JobPods.IndexOf(pod, Job) is not null).ToList();
        foreach (var pod in failed)
        {
            if (FailurePolicy.Match(Job.Spec.PodFailurePolicy, pod) is { Action: FailurePolicy.FailIndex }
                || (JobPods.FailuresOfIndex(pod) >= Job.Spec.BackoffLimitPerIndex && FailurePolicy.Match(Job.Spec.PodFailurePolicy, pod).IsCounted))
            {
                FailedIndexes.Add(JobPods.IndexOf(pod, Job)!.Value);
            }
        }
        HoldLatest(failed);
    }

    private void HoldLatest(List<Pod> failed)
    {
        var active = new HashSet<int?>(ActivePods.Select(pod => JobPods.IndexOf(pod, Job)));
        foreach (var pod in failed)
        {
            var index = JobPods.IndexOf(pod, Job)!.Value;
            var isOver = SucceededIndexes.Contains(index) || FailedIndexes.Contains(index) || active.Contains(index);
            if (!isOver && !(HeldPods.TryGetValue(index, out var held) && Tries(held) > Tries(pod)))
            {
                HeldPods[index] = pod;
            }
        }
    }

    private static int Tries(Pod pod) => JobPods.FailuresOfIndex(pod) + JobPods.IgnoredFailuresOfIndex(pod);
}
