using System.Collections.Concurrent;
using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.Jobs;

/// <summary>How long a Job waits before it replaces failed pods: twice as long after each failure since the last success.</summary>
internal sealed class JobBackoff(TimeSpan initial)
{
    private static readonly TimeSpan Maximum = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<NamespacedName, Record> _records = new();

    public readonly record struct Record(int Failures, DateTimeOffset LastFailure);

    /// <summary>What the record is with pods that have ended since; not kept until <see cref="Keep"/>, for they are seen again if they could not be counted.</summary>
    public Record With(NamespacedName key, IReadOnlyList<Pod> succeeded, IReadOnlyList<Pod> failed, DateTimeOffset now)
    {
        var record = _records.GetValueOrDefault(key);
        var (failures, lastFailure) = succeeded.Count == 0 ? (record.Failures, record.LastFailure) : (0, default);
        var lastSuccess = succeeded.Count == 0 ? DateTimeOffset.MinValue : succeeded.Max(pod => JobPods.FinishTime(pod, now));
        foreach (var pod in failed)
        {
            var finished = JobPods.FinishTime(pod, now);
            if (finished >= lastSuccess)
            {
                failures++;
                lastFailure = finished > lastFailure ? finished : lastFailure;
            }
        }
        return new Record(failures, lastFailure);
    }

    public void Keep(NamespacedName key, Record record) => _records[key] = record;

    public void Forget(NamespacedName key) => _records.TryRemove(key, out _);

    /// <summary>How long to wait still; zero where there is nothing to wait for.</summary>
    public TimeSpan Remaining(Record record, DateTimeOffset now)
    {
        if (record.Failures == 0)
        {
            return TimeSpan.Zero;
        }
        var delay = Math.Min(initial.TotalSeconds * Math.Pow(2, record.Failures - 1), Maximum.TotalSeconds);
        var left = record.LastFailure + TimeSpan.FromSeconds(delay) - now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>How long the index of a failed pod waits.</summary>
    public TimeSpan RemainingOf(Pod? failed, DateTimeOffset now) => failed is null ? TimeSpan.Zero : Remaining(
        new Record(JobPods.FailuresOfIndex(failed) + JobPods.IgnoredFailuresOfIndex(failed) + 1, JobPods.FinishTime(failed, now)), now);
}
