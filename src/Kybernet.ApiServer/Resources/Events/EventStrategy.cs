using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Events;

/// <summary>Events, in whichever of their two groups they come: they are stored as the core group's.</summary>
internal sealed class EventStrategy : DefaultStrategy
{
    private const int MaxReason = 128;
    private const int MaxNote = 1024;

    public override bool AllowsCreateOnUpdate => true;

    public override bool HasGeneration => false;

    public override IReadOnlyList<string> SelectableFields { get; } =
    [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
        "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ];

    public override TableDefinition Table => EventTable.Definition;

    public override string? SelectableField(EncodedObject item, string field)
    {
        var occurrence = EventForms.Read(item);
        var about = occurrence.InvolvedObject;
        return field switch
        {
            "involvedObject.kind" => about.Kind ?? "",
            "involvedObject.namespace" => about.Namespace ?? "",
            "involvedObject.name" => about.Name ?? "",
            "involvedObject.uid" => about.Uid ?? "",
            "involvedObject.apiVersion" => about.ApiVersion ?? "",
            "involvedObject.resourceVersion" => about.ResourceVersion ?? "",
            "involvedObject.fieldPath" => about.FieldPath ?? "",
            "reason" => occurrence.Reason ?? "",
            "reportingComponent" => occurrence.ReportingComponent ?? "",
            "source" => occurrence.Source?.Component is { Length: > 0 } component ? component : occurrence.ReportingComponent ?? "",
            "type" => occurrence.Type ?? "",
            _ => null,
        };
    }

    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        var occurrence = EventForms.Read(item);
        Place(occurrence, errors);
        if (occurrence.EventTime is null)
        {
            return; // the old sort of event is held to nothing more
        }
        var isNew = ObjectForms.IsOf(item, "events.k8s.io/v1"u8);
        var reporter = FieldPath.Of(isNew ? "reportingController" : "reportingComponent");
        if (string.IsNullOrEmpty(occurrence.ReportingComponent))
        {
            errors.Required(reporter);
        }
        else
        {
            errors.Invalid(reporter, occurrence.ReportingComponent, LabelRules.QualifiedName(occurrence.ReportingComponent));
        }
        Short(occurrence.ReportingInstance, "reportingInstance", MaxReason, errors);
        Short(occurrence.Action, "action", MaxReason, errors);
        Short(occurrence.Reason, "reason", MaxReason, errors);
        if (occurrence.Message?.Length > MaxNote)
        {
            errors.Invalid(FieldPath.Of("message"), "", $"can have at most {MaxNote} characters");
        }
        if (isNew && occurrence.Type is not ("Normal" or "Warning"))
        {
            errors.Invalid(FieldPath.Of("type"), "", "has invalid value: " + (occurrence.Type ?? ""));
        }
    }

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) => Place(EventForms.Read(item), errors);

    /// <summary>An event lies in the namespace of what it is about; what has none is reported in <c>default</c>.</summary>
    private static void Place(Event occurrence, FieldErrors errors)
    {
        var space = occurrence.Metadata.Namespace ?? "";
        var about = occurrence.InvolvedObject.Namespace ?? "";
        if (about.Length == 0)
        {
            if (space is not ("" or "default" or "kube-system"))
            {
                errors.Invalid(FieldPath.Of("involvedObject").Child("namespace"), about, "does not match event.namespace");
            }
        }
        else if (about != space)
        {
            errors.Invalid(FieldPath.Of("involvedObject").Child("namespace"), about, "does not match event.namespace");
        }
    }

    private static void Short(string? text, string field, int max, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            errors.Required(FieldPath.Of(field));
        }
        else if (text.Length > max)
        {
            errors.Invalid(FieldPath.Of(field), "", $"can have at most {max} characters");
        }
    }
}
