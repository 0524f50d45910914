using System.Runtime.ExceptionServices;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Controllers.ReplicaSets;

namespace Kybernet.Controllers.Jobs;

/// <summary>Makes and deletes a Job's pods, so that as many run as may, and none more than there is left to do. Deleting goes before making.</summary>
internal sealed class JobScaling(JobTools tools, JobLook look)
{
    private const int MaxBurst = 500;

    /// <returns>The first failure; null where there was none.</returns>
    public async Task<ExceptionDispatchInfo?> ScaleAsync(CancellationToken cancellationToken)
    {
        var wanted = Wanted();
        var surplus = Surplus(Math.Max(0, look.Active - wanted));
        if (surplus.Count > 0)
        {
            return await DeleteAsync([.. surplus.Take(MaxBurst)], releaseFirst: true, cancellationToken);
        }
        var missing = wanted - look.Active - (look.Job.ReplacesOnlyFailed() ? look.Terminating : 0);
        return missing > 0 ? await CreateAsync(Math.Min(missing, MaxBurst), cancellationToken) : null;
    }

    /// <summary>Ends the pods that run, because the job is over.</summary>
    /// <returns>The first failure; null where there was none.</returns>
    public Task<ExceptionDispatchInfo?> EndAllAsync(CancellationToken cancellationToken) => DeleteAsync(look.ActivePods, releaseFirst: false, cancellationToken);

    private int Wanted()
    {
        var (spec, parallelism) = (look.Job.Spec, look.Job.Spec.Parallelism ?? 1);
        if (look.Job.IsSuspended())
        {
            return 0;
        }
        if (spec.Completions is not { } completions)
        {
            // A queue of work: once a pod has found it empty, the others finish what they have.
            return look.Succeeded > 0 ? Math.Min(look.Active, parallelism) : parallelism;
        }
        return Math.Clamp(completions - look.Succeeded, 0, parallelism);
    }

    private List<Pod> Surplus(int count)
    {
        List<Pod> chosen = look.Job.IsIndexed() && !look.Job.IsSuspended() ? Superfluous() : [];
        if (chosen.Count < count)
        {
            List<Pod> left = [.. look.ActivePods.Where(pod => !chosen.Contains(pod))];
            chosen.AddRange(PodDeletionOrder.Choose(left, left, count - chosen.Count, look.Now));
        }
        return chosen;
    }

    /// <summary>Pods of no index, and all but one of each index.</summary>
    private List<Pod> Superfluous()
    {
        var chosen = new List<Pod>();
        foreach (var group in look.ActivePods.GroupBy(pod => JobPods.IndexOf(pod, look.Job)))
        {
            List<Pod> pods = [.. group];
            chosen.AddRange(group.Key is null ? pods : PodDeletionOrder.Choose(pods, pods, pods.Count - 1, look.Now));
        }
        return chosen;
    }

    private async Task<ExceptionDispatchInfo?> CreateAsync(int count, CancellationToken cancellationToken)
    {
        var (key, backoff) = (look.Job.Metadata.Key(), tools.Backoff);
        var pods = look.Job.IsIndexed() ? DescribeIndexes(count) : [.. Enumerable.Repeat(JobPods.Describe(look.Job), count)];
        if (!look.Job.LimitsFailuresPerIndex() && backoff.Remaining(backoff.With(key, look.NewlySucceeded, look.NewlyFailed, look.Now), look.Now) is { Ticks: > 0 } wait)
        {
            look.LookAgainIn(wait);
            return null;
        }
        if (pods.Count == 0)
        {
            return null;
        }
        tools.Expectations.ExpectCreations(key, pods.Count);
        var next = -1;
        var (made, failure) = await SlowStart.RunAsync(pods.Count, () => CreateAsync(pods[Interlocked.Increment(ref next)], cancellationToken));
        for (var missing = pods.Count - made; missing > 0; missing--)
        {
            tools.Expectations.CreationObserved(key); // nobody will see what was not made
        }
        look.Active += made;
        return failure;
    }

    private async Task CreateAsync(Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            await tools.Control.CreateAsync(pod, look.Job, cancellationToken);
        }
        catch (ApiException exception) when (PodControl.IsNamespaceTerminating(exception))
        {
            tools.Expectations.CreationObserved(look.Job.Metadata.Key()); // the job itself is about to go: no reason to try again
        }
    }

    /// <summary>The pods of the first indexes that neither run nor are over; those that have failed a moment ago wait.</summary>
    private List<Pod> DescribeIndexes(int count)
    {
        var busy = new HashSet<int?>(look.ActivePods.Select(pod => JobPods.IndexOf(pod, look.Job)));
        if (look.Job.ReplacesOnlyFailed())
        {
            busy.UnionWith(look.Pods.Where(static pod => pod.Metadata.DeletionTimestamp is not null && !pod.IsTerminal()).Select(pod => JobPods.IndexOf(pod, look.Job)));
        }
        var pods = new List<Pod>();
        for (var (index, found) = (0, 0); index < look.Job.Spec.Completions && found < count; index++)
        {
            if (busy.Contains(index) || look.SucceededIndexes.Contains(index) || look.FailedIndexes.Contains(index))
            {
                continue;
            }
            found++;
            var held = look.HeldPods.GetValueOrDefault(index);
            if (tools.Backoff.RemainingOf(held, look.Now) is { Ticks: > 0 } wait)
            {
                look.LookAgainIn(wait);
            }
            else
            {
                pods.Add(JobPods.Describe(look.Job, index, held));
            }
        }
        return pods;
    }

    /// <param name="pods">The pods to delete.</param>
    /// <param name="releaseFirst">Whether they are let go of uncounted: for pods that are too many, and have not failed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private async Task<ExceptionDispatchInfo?> DeleteAsync(List<Pod> pods, bool releaseFirst, CancellationToken cancellationToken)
    {
        var key = look.Job.Metadata.Key();
        if (pods.Count == 0)
        {
            return null;
        }
        tools.Expectations.ExpectDeletions(key, pods.Select(static pod => pod.Metadata.Uid!));
        ExceptionDispatchInfo? first = null;
        await Task.WhenAll(pods.Select(async pod =>
        {
            try
            {
                if (releaseFirst)
                {
                    await TrackedPods.ReleaseAsync(tools, key, pod, cancellationToken);
                }
                if (!await tools.Control.DeleteAsync(pod, look.Job, cancellationToken))
                {
                    tools.Expectations.DeletionObserved(key, pod.Metadata.Uid!);
                }
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                tools.Expectations.DeletionObserved(key, pod.Metadata.Uid!);
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(exception), null);
            }
        }));
        if (first is null)
        {
            look.Active -= pods.Count;
            look.Ready -= pods.Count(static pod => pod.IsReady());
            look.Terminating += pods.Count;
        }
        return first;
    }
}
