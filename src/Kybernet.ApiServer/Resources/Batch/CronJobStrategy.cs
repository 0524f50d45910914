using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Times;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core;

namespace Kybernet.ApiServer.Resources.Batch;

/// <summary>CronJobs.</summary>
internal sealed class CronJobStrategy : DefaultStrategy
{
    private const int MaxNameLength = 52; // eleven characters go to the names of its jobs

    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public override TableDefinition Table { get; } = new(
        [
            Columns.Name,
            Columns.Text("Schedule", "When jobs are made."),
            Columns.Text("Timezone", "The time zone of the schedule."),
            new("Suspend", "boolean", "", "Whether no more jobs are made.", 0),
            Columns.Number("Active", "Number of running jobs."),
            Columns.Text("Last Schedule", "When the last job was made."),
            Columns.Age,
            Columns.Text("Containers", "Names of each container in the template.", 1),
            Columns.Text("Images", "Images referenced by each container in the template.", 1),
            Columns.Text("Selector", "The labels of the jobs' pods.", 1),
        ],
        static (item, now) =>
        {
            var cron = item.As<CronJob>();
            var job = cron.Spec.JobTemplate.Spec;
            return
            [
                cron.Metadata.Name, cron.Spec.Schedule, cron.Spec.TimeZone ?? "<none>",
                cron.Spec.Suspend is { } suspend ? (suspend ? "True" : "False") : "<unset>", (long)cron.Status.Active.Count,
                cron.Status.LastScheduleTime is null ? "<none>" : Columns.Since(cron.Status.LastScheduleTime, now), Columns.AgeOf(cron.Metadata, now),
                Columns.ContainerNames(job.Template), Columns.ContainerImages(job.Template), LabelRules.Format(job.Selector),
            ];
        });

    public override void Default(JsonObject item) =>
        PodDefaults.Template(item.Object("spec")?.Object("jobTemplate")?.Object("spec")?.Object("template")?.Object("spec"));

    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        if (item.Header.Name.Length > MaxNameLength)
        {
            errors.Invalid(FieldPath.Of("metadata").Child("name"), item.Header.Name, $"must be no more than {MaxNameLength} characters");
        }
        ValidateUpdate(item, item, errors);
    }

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var spec = item.As<CronJob>().Spec;
        if (errors.Needs(spec.Schedule, Spec, "schedule"))
        {
            ValidateSchedule(spec.Schedule, errors);
        }
        errors.NonNegative(spec.StartingDeadlineSeconds, Spec, "startingDeadlineSeconds");
        if (spec.TimeZone is { } zone && WrongZone(zone) is { } wrong)
        {
            errors.Invalid(Spec.Child("timeZone"), zone, wrong);
        }
        errors.OneOf(spec.ConcurrencyPolicy, Spec, "concurrencyPolicy", ["Allow", "Forbid", "Replace"]);
        errors.NonNegative(spec.SuccessfulJobsHistoryLimit, Spec, "successfulJobsHistoryLimit");
        errors.NonNegative(spec.FailedJobsHistoryLimit, Spec, "failedJobsHistoryLimit");
        var job = Spec.Child("jobTemplate").Child("spec");
        if (spec.JobTemplate.Spec.ManualSelector == true)
        {
            errors.NotSupported(job.Child("manualSelector"), true, ["nil", "false"]);
        }
        JobValidation.Validate(spec.JobTemplate.Spec, job, errors);
    }

    private static void ValidateSchedule(string schedule, FieldErrors errors)
    {
        if (schedule.Contains("TZ", StringComparison.Ordinal))
        {
            errors.Invalid(Spec.Child("schedule"), schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
            return;
        }
        try
        {
            CronSchedule.Parse(schedule, TimeZoneInfo.Utc);
        }
        catch (FormatException exception)
        {
            errors.Invalid(Spec.Child("schedule"), schedule, exception.Message);
        }
    }

    private static string? WrongZone(string zone) =>
        zone.Length == 0 ? "timeZone must be nil or non-empty string"
        : zone.Equals("Local", StringComparison.OrdinalIgnoreCase) ? "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        : TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) ? null : $"unknown time zone {zone}";
}
