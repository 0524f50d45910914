using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Cel;

namespace Kybernet.ApiServer.Admission.Expressions;

/// <summary>The conditions under which a policy or a webhook is about a request at all.</summary>
internal sealed class MatchConditions(CelEnvironment environment, IReadOnlyList<MatchCondition> conditions)
{
    private const long Budget = CelBudget.Total / 4;

    private readonly CompiledExpression[] _expressions = [.. conditions.Select(condition => new CompiledExpression(environment, condition.Expression, CelType.Bool))];

    /// <summary>Whether all conditions hold.</summary>
    /// <exception cref="ExpressionException">One of them has no value, and none is known not to hold.</exception>
    public bool Hold(CelBindings bindings)
    {
        if (_expressions.Length == 0)
        {
            return true;
        }
        var budget = new CelBudget(Budget);
        List<string> problems = [];
        foreach (var expression in _expressions)
        {
            try
            {
                if (expression.Evaluate(bindings, budget) is CelBool { Value: false })
                {
                    return false;
                }
            }
            catch (ExpressionException exception)
            {
                problems.Add(exception.Message);
                if (exception.EndsEverything)
                {
                    break;
                }
            }
        }
        return problems.Count switch
        {
            0 => true,
            1 => throw new ExpressionException(problems[0]),
            _ => throw new ExpressionException($"[{string.Join(", ", problems)}]"),
        };
    }
}
