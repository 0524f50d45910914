using System.Globalization;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Times;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core;

namespace Kybernet.ApiServer.Resources.Batch;

/// <summary>Jobs: their pods are found by a label that nobody else has.</summary>
internal sealed class JobStrategy : DefaultStrategy
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public override bool OrphansByDefault => true;

    public override IReadOnlyList<string> SelectableFields { get; } = ["status.successful"];

    public override TableDefinition Table { get; } = TableBuilder.For<Job>()
        .Name()
        .Text("Status", "Status of the job.", StatusOf)
        .Text("Completions", "How many pods have succeeded of how many.", Completions)
        .Text("Duration", "Time required to complete the job.", Duration)
        .Age()
        .Containers(static item => item.Spec.Template)
        .Selector(static item => LabelRules.Format(item.Spec.Selector))
        .Build();

    /// <summary>A job without counts runs one pod to its end; retries are six unless each index has its own.</summary>
    public override void Default(JsonObject item)
    {
        if (item.Object("spec") is not { } spec)
        {
            return;
        }
        PodDefaults.Template(spec.Object("template")?.Object("spec"));
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec.Fill("completions", 1);
        }
        spec.Fill("parallelism", 1);
        spec.Fill("backoffLimit", spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue);
        if (spec["backoffLimitPerIndex"] is null && spec["podReplacementPolicy"] is null)
        {
            spec["podReplacementPolicy"] = spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed";
        }
        else
        {
            spec.Fill("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        }
    }

    /// <summary>Unless it is chosen by hand, the selector is the job's own identity, and the template carries it.</summary>
    public override void PrepareForCreate(JsonObject item, WriteContext context)
    {
        var spec = item.EnsureObject("spec");
        if (spec.IsTrue("manualSelector") || item.Object("metadata")?.Text("uid") is not { Length: > 0 } uid)
        {
            return;
        }
        var name = item.Object("metadata")?.Text("name") ?? "";
        var labels = spec.EnsureObject("template").EnsureObject("metadata").EnsureObject("labels");
        foreach (var prefix in (ReadOnlySpan<string>)["", "batch.kubernetes.io/"])
        {
            labels[prefix + "job-name"] = JsonValue.Create(name);
            labels[prefix + "controller-uid"] = JsonValue.Create(uid);
        }
        spec.EnsureObject("selector").EnsureObject("matchLabels")["batch.kubernetes.io/controller-uid"] = JsonValue.Create(uid);
    }

    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        var job = item.As<Job>();
        if (job.Spec.Selector is null)
        {
            errors.Required(Spec.Child("selector"));
        }
        else if (!LabelRules.Matches(job.Spec.Selector, job.Spec.Template.Metadata.Labels))
        {
            errors.InvalidMap(Spec.Child("template").Child("metadata").Child("labels"), job.Spec.Template.Metadata.Labels,
                "`selector` does not match template `labels`");
        }
        JobValidation.Validate(job.Spec, Spec, errors);
    }

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (spec, old) = (item.As<Job>().Spec, previous.As<Job>().Spec);
        JobValidation.Validate(spec, Spec, errors);
        if (spec.CompletionMode != "Indexed" && spec.Completions != old.Completions)
        {
            errors.Invalid(Spec.Child("completions"), spec.Completions, FieldRules.Immutable);
        }
        errors.Unchanged(spec.Selector, old.Selector, Spec.Child("selector"));
        var mayChangeScheduling = old.Suspend == true && previous.As<Job>().Status.StartTime is null;
        if (!mayChangeScheduling)
        {
            errors.Unchanged(spec.Template, old.Template, Spec.Child("template"));
        }
        errors.Unchanged(spec.CompletionMode, old.CompletionMode, Spec.Child("completionMode"));
        errors.Unchanged(spec.PodFailurePolicy, old.PodFailurePolicy, Spec.Child("podFailurePolicy"));
    }

    public override IEnumerable<string> Warnings(EncodedObject item)
    {
        var template = item.As<Job>().Spec.Template;
        return PodWarnings.Of(template.Metadata, template.Spec, "spec.template.");
    }

    public override string? SelectableField(EncodedObject item, string field) => field == "status.successful"
        ? (item.As<Job>().Status.Succeeded ?? 0).ToString(CultureInfo.InvariantCulture) : null;

    private static string StatusOf(Job job)
    {
        bool Has(string type) => job.Status.Conditions.Any(condition => condition.Type == type && condition.Status == "True");
        return Has("Complete") ? "Complete" : Has("Failed") ? "Failed" : job.Metadata.DeletionTimestamp is not null ? "Terminating"
            : Has("Suspended") ? "Suspended" : Has("FailureTarget") ? "FailureTarget" : Has("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
    }

    private static string Completions(Job job)
    {
        var succeeded = job.Status.Succeeded ?? 0;
        return job.Spec.Completions is { } completions ? string.Create(CultureInfo.InvariantCulture, $"{succeeded}/{completions}")
            : job.Spec.Parallelism is > 1 and var parallelism ? string.Create(CultureInfo.InvariantCulture, $"{succeeded}/1 of {parallelism}")
            : string.Create(CultureInfo.InvariantCulture, $"{succeeded}/1");
    }

    private static string Duration(Job job, DateTimeOffset now) => job.Status.StartTime is not { } start ? ""
        : HumanDuration.Format((job.Status.CompletionTime ?? now) - start);
}
