using Kybernet.Api.Batch.V1;
using Kybernet.Api.Times;

namespace Kybernet.Controllers.CronJobs;

/// <summary>Which of a CronJob's times has come.</summary>
internal static class CronTimes
{
    private const int ManyMissed = 100;

    /// <param name="Latest">The latest time that has come since the last job; null where none has.</param>
    /// <param name="TooManyMissed">Whether so many have gone by without a job that somebody should know.</param>
    public readonly record struct Due(DateTimeOffset? Latest, bool TooManyMissed);

    /// <summary>The latest time since the last job, or since the CronJob was made, but not from before its starting deadline.</summary>
    public static Due Find(CronJob cron, CronSchedule schedule, DateTimeOffset now)
    {
        var earliest = cron.Status.LastScheduleTime ?? cron.Metadata.CreationTimestamp ?? now;
        if (cron.Spec.StartingDeadlineSeconds is { } seconds && now - TimeSpan.FromSeconds(seconds) > earliest)
        {
            earliest = now - TimeSpan.FromSeconds(seconds);
        }
        if (schedule.Next(earliest) is not { } first || first > now)
        {
            return default;
        }
        if (schedule.Next(first) is not { } second || second > now)
        {
            return new Due(first, false);
        }
        // Reckoned, not counted: after a long time of standing still there may be millions.
        var between = second - first;
        var missed = (long)((now - first) / between) + 1;
        var latest = Last(schedule, first + (Math.Max(0, missed - 2) * between), now) ?? Last(schedule, first, now);
        return new Due(latest, cron.Spec.StartingDeadlineSeconds is null && missed > ManyMissed);
    }

    private static DateTimeOffset? Last(CronSchedule schedule, DateTimeOffset after, DateTimeOffset now)
    {
        DateTimeOffset? last = null;
        for (var next = schedule.Next(after); next <= now; next = schedule.Next(next.Value))
        {
            last = next;
        }
        return last;
    }
}
