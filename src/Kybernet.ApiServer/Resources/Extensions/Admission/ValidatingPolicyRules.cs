using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Cel;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Admission.Expressions;

namespace Kybernet.ApiServer.Resources.Extensions.Admission;

/// <summary>What is wrong with ValidatingAdmissionPolicies and their bindings, in upstream's words.</summary>
internal static class ValidatingPolicyRules
{
    private const int MaxAnnotations = 20;
    private const int MaxAnnotationBytes = 5 * 1024;
    private const string Missing = "validations or auditAnnotations must contain at least one item";

    private static readonly FieldPath Spec = FieldPath.Of("spec");
    private static readonly string[] Reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];

    /// <summary>Judges a policy.</summary>
    public static void Policy(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<ValidatingAdmissionPolicy>().Spec;
        if (errors.Needs(spec.FailurePolicy, Spec, "failurePolicy"))
        {
            errors.OneOf(spec.FailurePolicy, Spec, "failurePolicy", ["Fail", "Ignore"]);
        }
        PolicyRules.ParameterKind(spec.ParamKind, Spec.Child("paramKind"), errors);
        PolicyRules.Constraints(spec.MatchConstraints, Spec.Child("matchConstraints"), errors);
        var hasParameters = spec.ParamKind is not null;
        var environment = AdmissionEnvironment.Of(hasParameters);
        PolicyRules.Conditions(spec.MatchConditions, environment, Spec.Child("matchConditions"), errors);
        var variables = new CelVariables(environment);
        PolicyRules.Variables(spec.Variables, variables, Spec.Child("variables"), errors);
        if (spec.Validations.Count == 0 && spec.AuditAnnotations.Count == 0)
        {
            errors.Required(Spec.Child("validations"), Missing);
            errors.Required(Spec.Child("auditAnnotations"), Missing);
        }
        for (var i = 0; i < spec.Validations.Count; i++)
        {
            Validation(spec.Validations[i], variables, Spec.Child("validations").Index(i), errors);
        }
        Annotations(item.Key.Name, spec.AuditAnnotations, variables, errors);
    }

    /// <summary>Judges a binding.</summary>
    public static void Binding(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<ValidatingAdmissionPolicyBinding>().Spec;
        PolicyRules.PolicyName(spec.PolicyName, Spec.Child("policyName"), errors);
        PolicyRules.Reference(spec.ParamRef, Spec.Child("paramRef"), errors);
        if (spec.MatchResources is { } resources)
        {
            // Upstream spells the field's path so.
            PolicyRules.Matching(resources, Spec.Child("matchResouces"), errors);
        }
        Actions(spec.ValidationActions, Spec.Child("validationActions"), errors);
    }

    private static void Validation(Validation rule, CelVariables variables, FieldPath path, FieldErrors errors)
    {
        if (rule.Expression.Trim().Length == 0)
        {
            errors.Required(path.Child("expression"), "expression is not specified");
        }
        else
        {
            PolicyRules.Expression(new CompiledExpression(variables.Environment, rule.Expression, CelType.Bool), path.Child("expression"), errors);
        }
        if (rule.MessageExpression is { Length: > 0 } expression)
        {
            if (expression.Trim().Length == 0)
            {
                errors.Invalid(path.Child("messageExpression"), expression, "must be non-empty if specified");
            }
            else
            {
                PolicyRules.Expression(new CompiledExpression(variables.Environment, expression, CelType.String), path.Child("messageExpression"), errors);
            }
        }
        if (rule.Message is { Length: > 0 } message)
        {
            if (message.Trim().Length == 0)
            {
                errors.Invalid(path.Child("message"), message, "message must be non-empty if specified");
            }
            else if (PolicyRules.HasLineBreaks(message.Trim()))
            {
                errors.Invalid(path.Child("message"), message, "message must not contain line breaks");
            }
        }
        if (rule.Reason is { } reason && !Reasons.Contains(reason))
        {
            errors.NotSupported(path.Child("reason"), reason, Reasons);
        }
    }

    private static void Annotations(string policy, IReadOnlyList<AuditAnnotation> annotations, CelVariables variables, FieldErrors errors)
    {
        var path = Spec.Child("auditAnnotations");
        if (annotations.Count > MaxAnnotations)
        {
            errors.Invalid(path, annotations, $"must not have more than {MaxAnnotations} auditAnnotations");
        }
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < annotations.Count; i++)
        {
            var (place, annotation) = (path.Index(i), annotations[i]);
            errors.Invalid(place.Child("key"), $"{policy}/{annotation.Key}", LabelRules.QualifiedName($"{policy}/{annotation.Key}"));
            var text = annotation.ValueExpression.Trim();
            if (text.Length == 0)
            {
                errors.Required(place.Child("valueExpression"), "valueExpression is not specified");
            }
            else if (text.Length > MaxAnnotationBytes)
            {
                errors.Required(place.Child("valueExpression"), $"must not exceed {MaxAnnotationBytes} bytes in length");
            }
            else
            {
                PolicyRules.Expression(new CompiledExpression(variables.Environment, text, CelType.String, CelType.Null), place.Child("valueExpression"), errors);
            }
            if (!keys.Add(annotation.Key))
            {
                errors.Duplicate(place.Child("key"), annotation.Key);
            }
        }
    }

    private static void Actions(IReadOnlyList<string> actions, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < actions.Count; i++)
        {
            if (actions[i] is not ("Deny" or "Warn" or "Audit"))
            {
                errors.NotSupported(path.Index(i), actions[i], ["Audit", "Deny", "Warn"]);
            }
            if (!seen.Add(actions[i]))
            {
                errors.Duplicate(path.Index(i), actions[i]);
            }
        }
        if (seen.Contains("Deny") && seen.Contains("Warn"))
        {
            errors.InvalidList(
                path, actions, "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
        }
        if (seen.Count == 0)
        {
            errors.Required(path, "at least one validation action is required");
        }
    }
}
