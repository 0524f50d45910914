using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>Namespaces: active until deletion is asked for, and there until their finalizers are done.</summary>
internal sealed class NamespaceStrategy : DefaultStrategy
{
    private const string Finalizer = "kubernetes";
    private const string NameLabel = "kubernetes.io/metadata.name";

    public override IReadOnlyList<string> SelectableFields { get; } = ["status.phase"];

    public override bool HasGeneration => false;

    public override TableDefinition Table { get; } = TableBuilder.For<Namespace>()
        .Name()
        .Text("Status", "The status of the namespace", static item => item.Status.Phase)
        .Age()
        .Build();

    public override string? ValidateName(string name) => First(NameRules.Label(name));

    /// <summary>Every namespace can be selected by its name.</summary>
    public override void Default(JsonObject item)
    {
        if (item.Object("metadata") is { } metadata && metadata.Text("name") is { Length: > 0 } name)
        {
            metadata.EnsureObject("labels")[NameLabel] = JsonValue.Create(name);
        }
    }

    public override void PrepareForCreate(JsonObject item, WriteContext context)
    {
        item["status"] = new JsonObject { ["phase"] = "Active" };
        var spec = item.EnsureObject("spec");
        if (spec.Array("finalizers") is not { } finalizers)
        {
            spec["finalizers"] = new JsonArray(JsonValue.Create(Finalizer));
        }
        else if (!finalizers.Any(entry => entry is JsonValue value && value.TryGetValue<string>(out var text) && text == Finalizer))
        {
            finalizers.Add((JsonNode)JsonValue.Create(Finalizer));
        }
    }

    /// <summary>The finalizers change through their own subresource only.</summary>
    public override void PrepareForUpdate(JsonObject item, JsonObject previous, WriteContext context)
    {
        if (previous.Object("spec")?["finalizers"] is not null)
        {
            item.EnsureObject("spec").Restore(previous.Object("spec")!, "finalizers");
        }
        else
        {
            item.Object("spec")?.Remove("finalizers");
        }
    }

    public override void PrepareForDelete(JsonObject item) => item.EnsureObject("status")["phase"] = "Terminating";

    public override bool MayBeRemoved(JsonObject item) => item.Object("spec")?.Array("finalizers") is not { Count: > 0 };

    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        var path = FieldPath.Of("spec").Child("finalizers");
        foreach (var finalizer in item.As<Namespace>().Spec.Finalizers)
        {
            errors.Invalid(path, finalizer, LabelRules.QualifiedName(finalizer));
            if (!finalizer.Contains('/') && finalizer is not (Finalizer or "orphan" or "foregroundDeletion"))
            {
                errors.Invalid(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }
        }
    }

    public override void ValidateSubresourceUpdate(string subresource, EncodedObject item, EncodedObject previous, FieldErrors errors) =>
        ValidateCreate(item, errors);

    public override void ValidateStatusUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var space = item.As<Namespace>();
        var path = FieldPath.Of("status").Child("Phase");
        if (space.Metadata.DeletionTimestamp is null && space.Status.Phase != "Active")
        {
            errors.Invalid(path, space.Status.Phase, "may only be 'Active' if `deletionTimestamp` is empty");
        }
        if (space.Metadata.DeletionTimestamp is not null && space.Status.Phase != "Terminating")
        {
            errors.Invalid(path, space.Status.Phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
        }
    }

    public override string? SelectableField(EncodedObject item, string field) =>
        field == "status.phase" ? item.As<Namespace>().Status.Phase ?? "" : null;
}
