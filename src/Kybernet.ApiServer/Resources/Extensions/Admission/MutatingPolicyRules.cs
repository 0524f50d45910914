using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Cel;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Admission.Policies;

namespace Kybernet.ApiServer.Resources.Extensions.Admission;

/// <summary>What is wrong with MutatingAdmissionPolicies and their bindings, in upstream's words.</summary>
internal static class MutatingPolicyRules
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    /// <summary>Judges a policy.</summary>
    public static void Policy(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<MutatingAdmissionPolicy>().Spec;
        if (errors.Needs(spec.FailurePolicy, Spec, "failurePolicy"))
        {
            errors.OneOf(spec.FailurePolicy, Spec, "failurePolicy", ["Fail", "Ignore"]);
        }
        PolicyRules.ParameterKind(spec.ParamKind, Spec.Child("paramKind"), errors);
        PolicyRules.Constraints(spec.MatchConstraints, Spec.Child("matchConstraints"), errors);
        var environment = AdmissionEnvironment.Of(spec.ParamKind is not null);
        PolicyRules.Conditions(spec.MatchConditions, environment, Spec.Child("matchConditions"), errors);
        var variables = new CelVariables(MutationTypes.In(environment));
        PolicyRules.Variables(spec.Variables, variables, Spec.Child("variables"), errors);
        if (spec.Mutations.Count == 0)
        {
            errors.Required(Spec.Child("mutations"), "mutations must contain at least one item");
        }
        for (var i = 0; i < spec.Mutations.Count; i++)
        {
            Mutation(spec.Mutations[i], variables, Spec.Child("mutations").Index(i), errors);
        }
        if (errors.Needs(spec.ReinvocationPolicy, Spec, "reinvocationPolicy"))
        {
            errors.OneOf(spec.ReinvocationPolicy, Spec, "reinvocationPolicy", ["Never", "IfNeeded"]);
        }
    }

    /// <summary>Judges a binding.</summary>
    public static void Binding(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<MutatingAdmissionPolicyBinding>().Spec;
        PolicyRules.PolicyName(spec.PolicyName ?? "", Spec.Child("policyName"), errors);
        PolicyRules.Reference(spec.ParamRef, Spec.Child("paramRef"), errors);
        if (spec.MatchResources is { } resources)
        {
            PolicyRules.Matching(resources, Spec.Child("matchResouces"), errors);
        }
    }

    private static void Mutation(Mutation mutation, CelVariables variables, FieldPath path, FieldErrors errors)
    {
        switch (mutation.PatchType)
        {
            case "":
                errors.Required(path.Child("patchType"));
                break;
            case "ApplyConfiguration":
                Expression(mutation, mutation.ApplyConfiguration is { } apply ? apply.Expression ?? "" : null, mutation.JsonPatch is not null, "applyConfiguration", "jsonPatch", variables, path, errors);
                break;
            case "JSONPatch":
                Expression(mutation, mutation.JsonPatch is { } patch ? patch.Expression ?? "" : null, mutation.ApplyConfiguration is not null, "jsonPatch", "applyConfiguration", variables, path, errors);
                break;
            default:
                errors.NotSupported(path.Child("patchType"), mutation.PatchType, ["ApplyConfiguration", "JSONPatch"]);
                break;
        }
    }

    private static void Expression(
        Mutation mutation, string? expression, bool hasOther, string own, string other, CelVariables variables, FieldPath path, FieldErrors errors)
    {
        if (hasOther)
        {
            errors.Invalid(path.Child(other), "{}", $"must not be specified when patchType is {mutation.PatchType}");
        }
        if (expression is null)
        {
            errors.Required(path.Child(own), $"must be specified when patchType is {mutation.PatchType}");
        }
        else if (expression.Trim().Length == 0)
        {
            errors.Required(path.Child(own).Child("expression"), "expression is not specified");
        }
        else if (!hasOther)
        {
            PolicyRules.Expression(MutationTypes.Compile(variables.Environment, mutation), path.Child(own).Child("expression"), errors);
        }
    }
}
