using Kybernet.Api.Admissionregistration.V1;

namespace Kybernet.ApiServer.Resources.Extensions;

/// <summary>How what takes part in admission is shown.</summary>
internal static class AdmissionTables
{
    private static readonly IReadOnlyList<TableColumn> WebhookColumns =
        [Columns.Name, Columns.Number("Webhooks", "Webhooks indicates the number of webhooks registered in this configuration"), Columns.Age];

    private static readonly IReadOnlyList<TableColumn> BindingColumns =
        [Columns.Name, Columns.Text("PolicyName", "The policy that is bound."), Columns.Text("ParamRef", "Its settings."), Columns.Age];

    public static TableDefinition ValidatingWebhooks { get; } = new(WebhookColumns, static (item, now) =>
    {
        var configuration = item.As<ValidatingWebhookConfiguration>();
        return [configuration.Metadata.Name, (long)configuration.Webhooks.Count, Columns.AgeOf(configuration.Metadata, now)];
    });

    public static TableDefinition MutatingWebhooks { get; } = new(WebhookColumns, static (item, now) =>
    {
        var configuration = item.As<MutatingWebhookConfiguration>();
        return [configuration.Metadata.Name, (long)configuration.Webhooks.Count, Columns.AgeOf(configuration.Metadata, now)];
    });

    public static TableDefinition ValidatingPolicies { get; } = new(
        [Columns.Name, Columns.Number("Validations", "Number of validations."), Columns.Text("ParamKind", "The kind of its settings."), Columns.Age],
        static (item, now) =>
        {
            var policy = item.As<ValidatingAdmissionPolicy>();
            return [policy.Metadata.Name, (long)policy.Spec.Validations.Count, Kind(policy.Spec.ParamKind), Columns.AgeOf(policy.Metadata, now)];
        });

    public static TableDefinition MutatingPolicies { get; } = new(
        [Columns.Name, Columns.Number("Mutations", "Number of mutations."), Columns.Text("ParamKind", "The kind of its settings."), Columns.Age],
        static (item, now) =>
        {
            var policy = item.As<MutatingAdmissionPolicy>();
            return [policy.Metadata.Name, (long)policy.Spec.Mutations.Count, Kind(policy.Spec.ParamKind), Columns.AgeOf(policy.Metadata, now)];
        });

    public static TableDefinition ValidatingBindings { get; } = new(BindingColumns, static (item, now) =>
    {
        var binding = item.As<ValidatingAdmissionPolicyBinding>();
        return [binding.Metadata.Name, binding.Spec.PolicyName, Reference(binding.Spec.ParamRef), Columns.AgeOf(binding.Metadata, now)];
    });

    public static TableDefinition MutatingBindings { get; } = new(BindingColumns, static (item, now) =>
    {
        var binding = item.As<MutatingAdmissionPolicyBinding>();
        return [binding.Metadata.Name, binding.Spec.PolicyName ?? "", Reference(binding.Spec.ParamRef), Columns.AgeOf(binding.Metadata, now)];
    });

    private static string Kind(ParamKind? kind) => kind is null ? "<unset>" : $"{kind.ApiVersion}/{kind.Kind}";

    private static string Reference(ParamRef? reference) => reference switch
    {
        null => "<unset>",
        { Selector: not null } => "*",
        { Namespace: { Length: > 0 } space } => $"{space}/{reference.Name}",
        _ => "*/" + reference.Name,
    };
}
