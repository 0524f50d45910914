using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Cel;
using Kybernet.ApiServer.Admission.Expressions;

namespace Kybernet.ApiServer.Admission.Policies;

/// <summary>What a policy that judges says, compiled.</summary>
internal sealed class ValidatingPolicyBody
{
    private const int MaxMessageBytes = 5 * 1024;

    private readonly CelVariables _variables;
    private readonly MatchConditions _conditions;
    private readonly (Validation Rule, CompiledExpression Expression, CompiledExpression? Message)[] _validations;
    private readonly CompiledExpression[] _annotations;

    /// <param name="spec">The policy.</param>
    public ValidatingPolicyBody(ValidatingAdmissionPolicySpec spec)
    {
        var plain = AdmissionEnvironment.Of(spec.ParamKind is not null);
        _conditions = new MatchConditions(plain, spec.MatchConditions);
        _variables = new CelVariables(plain);
        foreach (var variable in spec.Variables)
        {
            _variables.Add(variable.Name, variable.Expression);
        }
        _validations = [.. spec.Validations.Select(rule => (
            rule,
            new CompiledExpression(_variables.Environment, rule.Expression, CelType.Bool),
            rule.MessageExpression is { Length: > 0 } message ? new CompiledExpression(_variables.Environment, message, CelType.String) : null))];
        _annotations = [.. spec.AuditAnnotations.Select(annotation => new CompiledExpression(_variables.Environment, annotation.ValueExpression, CelType.String, CelType.Null))];
    }

    /// <summary>Judges a request.</summary>
    /// <param name="bindings">The request, with the policy's settings.</param>
    /// <returns>What is wrong with it; nothing where it is good or not the policy's concern.</returns>
    /// <exception cref="ExpressionException">It could not be judged.</exception>
    public IEnumerable<PolicyVerdict> Judge(CelBindings bindings)
    {
        if (!_conditions.Hold(bindings))
        {
            yield break;
        }
        var budget = new CelBudget();
        _variables.Bind(bindings, budget);
        foreach (var (rule, expression, message) in _validations)
        {
            if (Verdict(rule, expression, message, bindings, budget) is { } verdict)
            {
                yield return verdict;
            }
        }
        foreach (var annotation in _annotations)
        {
            if (Problem(annotation, bindings) is { } problem)
            {
                yield return new PolicyVerdict(problem, "Invalid", IsFailure: true);
            }
        }
    }

    private static PolicyVerdict? Verdict(Validation rule, CompiledExpression expression, CompiledExpression? message, CelBindings bindings, CelBudget budget)
    {
        try
        {
            return expression.Evaluate(bindings, budget) is CelBool { Value: true } ? null : new PolicyVerdict(Message(rule, message, bindings, budget), rule.Reason ?? "Invalid", IsFailure: false);
        }
        catch (ExpressionException exception) when (!exception.EndsEverything)
        {
            return new PolicyVerdict(exception.Message, "Invalid", IsFailure: true);
        }
    }

    private static string Message(Validation rule, CompiledExpression? expression, CelBindings bindings, CelBudget budget)
    {
        var message = "";
        try
        {
            message = expression?.Evaluate(bindings, budget).ToString()!.Trim() ?? "";
        }
        catch (ExpressionException exception) when (exception.EndsEverything)
        {
            throw new ExpressionException($"failed messageExpression: {exception.Message}", exception) { EndsEverything = true };
        }
        catch (ExpressionException)
        {
            // The rule is broken all the same, and its plain message says so.
        }
        if (message.Length is > 0 and <= MaxMessageBytes && !message.Contains('\n', StringComparison.Ordinal))
        {
            return message;
        }
        return rule.Message is { Length: > 0 } plain ? plain.Trim() : $"failed expression: {rule.Expression.Trim()}";
    }

    private static string? Problem(CompiledExpression annotation, CelBindings bindings)
    {
        try
        {
            annotation.Evaluate(bindings, new CelBudget());
            return null;
        }
        catch (ExpressionException exception)
        {
            return exception.Message;
        }
    }
}

/// <summary>What a policy has against a request.</summary>
/// <param name="Message">What.</param>
/// <param name="Reason">The reason of the refusal.</param>
/// <param name="IsFailure">Whether the policy could not judge it: the failure policy then decides.</param>
internal sealed record PolicyVerdict(string Message, string Reason, bool IsFailure);
