using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Json;

namespace Kybernet.ApiServer.Resources.Extensions;

/// <summary>How what takes part in admission is shown.</summary>
internal static class AdmissionTables
{
    public static TableDefinition ValidatingWebhooks { get; } = Webhooks<ValidatingWebhookConfiguration>(static item => item.Webhooks.Count);

    public static TableDefinition MutatingWebhooks { get; } = Webhooks<MutatingWebhookConfiguration>(static item => item.Webhooks.Count);

    public static TableDefinition ValidatingPolicies { get; } = TableBuilder.For<ValidatingAdmissionPolicy>()
        .Name()
        .Number("Validations", "Number of validations.", static item => item.Spec.Validations.Count)
        .Text("ParamKind", "The kind of its settings.", static item => Kind(item.Spec.ParamKind))
        .Age()
        .Build();

    public static TableDefinition MutatingPolicies { get; } = TableBuilder.For<MutatingAdmissionPolicy>()
        .Name()
        .Number("Mutations", "Number of mutations.", static item => item.Spec.Mutations.Count)
        .Text("ParamKind", "The kind of its settings.", static item => Kind(item.Spec.ParamKind))
        .Age()
        .Build();

    public static TableDefinition ValidatingBindings { get; } =
        Bindings<ValidatingAdmissionPolicyBinding>(static item => item.Spec.PolicyName, static item => item.Spec.ParamRef);

    public static TableDefinition MutatingBindings { get; } =
        Bindings<MutatingAdmissionPolicyBinding>(static item => item.Spec.PolicyName ?? "", static item => item.Spec.ParamRef);

    private static TableDefinition Webhooks<T>(Func<T, long> count)
        where T : class, IKubernetesObject<T> => TableBuilder.For<T>()
            .Name()
            .Number("Webhooks", "Webhooks indicates the number of webhooks registered in this configuration", count)
            .Age()
            .Build();

    private static TableDefinition Bindings<T>(Func<T, string> policy, Func<T, ParamRef?> settings)
        where T : class, IKubernetesObject<T> => TableBuilder.For<T>()
            .Name()
            .Text("PolicyName", "The policy that is bound.", policy)
            .Text("ParamRef", "Its settings.", item => Reference(settings(item)))
            .Age()
            .Build();

    private static string Kind(ParamKind? kind) => kind is null ? "<unset>" : $"{kind.ApiVersion}/{kind.Kind}";

    private static string Reference(ParamRef? reference) => reference switch
    {
        null => "<unset>",
        { Selector: not null } => "*",
        { Namespace: { Length: > 0 } space } => $"{space}/{reference.Name}",
        _ => "*/" + reference.Name,
    };
}
