using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers.Jobs;

/// <summary>
/// Counts each pod exactly once, though this process may end at any moment: a pod that has ended is first noted in the status as uncounted, then let go
/// of, and counted only when its finalizer is gone.
/// </summary>
internal sealed class JobTracking(JobTools tools, JobLook look, JobCondition? decided)
{
    private const int MaxUncounted = 500; // keeps the status small, and one large job from keeping others waiting
    private readonly HashSet<string> _tracked = [.. look.Pods.Where(look.IsTracked).Select(static pod => pod.Metadata.Uid!)];
    private readonly List<Pod> _toRelease = [];
    private readonly List<string> _succeeded = [];
    private readonly List<string> _failed = [];
    private readonly IndexSet _indexes = look.CountedIndexes.Copy();
    private bool _isFull;

    /// <summary>Writes the status as far as it changed, before and after the pods are let go of.</summary>
    /// <returns>Whether the job has ended.</returns>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<bool> RunAsync(JobStatus status, CancellationToken cancellationToken)
    {
        status = Counted(status);
        NoteEnded(status);
        status = status with { UncountedTerminatedPods = new UncountedTerminatedPods { Succeeded = _succeeded, Failed = _failed } };
        if (look.Job.IsIndexed())
        {
            status = status with
            {
                Succeeded = OrAbsent(_indexes.Count),
                CompletedIndexes = _indexes.Count == 0 ? null : _indexes.ToString(),
                FailedIndexes = look.Job.LimitsFailuresPerIndex() ? look.FailedIndexes.ToString() : null,
            };
        }
        if (decided is not null)
        {
            status = status.With(decided);
        }
        var job = await WriteAsync(look.Job, status, cancellationToken);
        var key = look.Job.Metadata.Key();
        tools.Backoff.Keep(key, tools.Backoff.With(key, look.NewlySucceeded, look.NewlyFailed, look.Now));

        await Task.WhenAll(_toRelease.Select(pod => TrackedPods.ReleaseAsync(tools, key, pod, cancellationToken)));
        _tracked.ExceptWith(_toRelease.Select(static pod => pod.Metadata.Uid!));
        status = Counted(job.Status);
        var hasEnded = decided is not null && !_isFull && look.Terminating == 0 && status.UncountedTerminatedPods is { Succeeded.Count: 0, Failed.Count: 0 };
        if (hasEnded)
        {
            status = Ended(status);
        }
        await WriteAsync(job, status, cancellationToken);
        return hasEnded;
    }

    /// <summary>Counts those that have been let go of.</summary>
    private JobStatus Counted(JobStatus status)
    {
        var uncounted = status.UncountedTerminatedPods ?? new UncountedTerminatedPods();
        List<string> succeeded = [.. uncounted.Succeeded.Where(_tracked.Contains)];
        List<string> failed = [.. uncounted.Failed.Where(_tracked.Contains)];
        return status with
        {
            Succeeded = OrAbsent((status.Succeeded ?? 0) + uncounted.Succeeded.Count - succeeded.Count),
            Failed = OrAbsent((status.Failed ?? 0) + uncounted.Failed.Count - failed.Count),
            UncountedTerminatedPods = new UncountedTerminatedPods { Succeeded = succeeded, Failed = failed },
        };
    }

    private void NoteEnded(JobStatus status)
    {
        _succeeded.AddRange(status.UncountedTerminatedPods!.Succeeded);
        _failed.AddRange(status.UncountedTerminatedPods.Failed);
        var noted = 0;
        foreach (var pod in look.Pods.Where(look.IsTracked).OrderBy(pod => JobPods.IndexOf(pod, look.Job)))
        {
            if (!MayRelease(pod))
            {
                continue;
            }
            _toRelease.Add(pod);
            noted += Note(pod) ? 1 : 0;
            if (noted >= MaxUncounted)
            {
                _isFull = true;
                return;
            }
        }
    }

    /// <returns>Whether it is one more to count.</returns>
    private bool Note(Pod pod)
    {
        var uid = pod.Metadata.Uid!;
        var index = JobPods.IndexOf(pod, look.Job);
        if (pod.Status.Phase == PodStatuses.Succeeded && !look.IsUncountedFailure(pod))
        {
            if (look.Job.IsIndexed())
            {
                // The index tells by itself whether it has been counted.
                return index is { } completed && _indexes.Add(completed);
            }
            return AddTo(_succeeded, uid, !look.IsUncountedSuccess(pod));
        }
        // Of a job that has failed, whatever has not ended counts as failed too.
        var isFailed = JobPods.IsFailed(pod, look.Job) || decided?.Type == JobNames.FailureTarget;
        var isCounted = isFailed && (!look.Job.IsIndexed() || index is not null) && FailurePolicy.Match(look.Job.Spec.PodFailurePolicy, pod).IsCounted;
        return AddTo(_failed, uid, isCounted && !look.IsUncountedFailure(pod));
    }

    private static bool AddTo(List<string> uids, string uid, bool isNew)
    {
        if (isNew)
        {
            uids.Add(uid);
        }
        return isNew;
    }

    private bool MayRelease(Pod pod)
    {
        if (look.Job.Metadata.DeletionTimestamp is not null || decided is not null || pod.Status.Phase == PodStatuses.Succeeded)
        {
            return true;
        }
        return JobPods.IsFailed(pod, look.Job) && !(JobPods.IndexOf(pod, look.Job) is { } index && look.HeldPods.GetValueOrDefault(index) == pod);
    }

    private JobStatus Ended(JobStatus status)
    {
        var final = JobOutcome.Final(decided!, tools.Time.GetUtcNow());
        status = status.With(final);
        return final.Type == JobNames.Complete ? status with { CompletionTime = final.LastTransitionTime } : status;
    }

    private static int? OrAbsent(int count) => count == 0 ? null : count;

    private async Task<Job> WriteAsync(Job job, JobStatus status, CancellationToken cancellationToken) =>
        ModelJson.Same(job.Status, status) ? job : await tools.Client.UpdateStatusAsync(job with { Status = status }, cancellationToken);
}
