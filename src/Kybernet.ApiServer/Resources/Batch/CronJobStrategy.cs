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

    public override TableDefinition Table { get; } = TableBuilder.For<CronJob>()
        .Name()
        .Text("Schedule", "When jobs are made.", static item => item.Spec.Schedule)
        .Text("Timezone", "The time zone of the schedule.", static item => item.Spec.TimeZone ?? "<none>")
        .Text("Suspend", "Whether no more jobs are made.", static item => item.Spec.Suspend is { } suspend ? (suspend ? "True" : "False") : "<unset>")
        .Number("Active", "Number of running jobs.", static item => item.Status.Active.Count)
        .Elapsed("Last Schedule", "When the last job was made.", static item => item.Status.LastScheduleTime, never: "<none>")
        .Age()
        .Containers(static item => item.Spec.JobTemplate.Spec.Template)
        .Selector(static item => LabelRules.Format(item.Spec.JobTemplate.Spec.Selector))
        .Build();

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
