namespace Kybernet.Api.Cel;

/// <summary>A compiled expression. Immutable, and safe to evaluate from many threads.</summary>
public sealed class CelProgram
{
    private readonly Node _root;
    private readonly int _locals;

    internal CelProgram(Node root, CelType type, int locals, IReadOnlySet<string> variables)
    {
        _root = root;
        _locals = locals;
        ResultType = type;
        Variables = variables;
    }

    /// <summary>The type of what it comes to.</summary>
    public CelType ResultType { get; }

    /// <summary>The variables that it is about.</summary>
    public IReadOnlySet<string> Variables { get; }

    /// <summary>What it can cost at most, by the sizes that the types of its variables allow.</summary>
    public double EstimatedCost => CostEstimator.Of(_root);

    /// <summary>Evaluates it.</summary>
    /// <param name="bindings">The values of its variables.</param>
    /// <param name="budget">What it may cost; pays for it.</param>
    /// <exception cref="CelException">It has no value; a <see cref="CelBudgetException"/> where it costs too much.</exception>
    public CelValue Evaluate(CelBindings bindings, CelBudget budget) =>
        TryEvaluate(bindings, budget) is var value && value is CelError error ? throw new CelException(error.Message) : value;

    /// <summary>Evaluates it; to an error where it has no value.</summary>
    internal CelValue TryEvaluate(CelBindings bindings, CelBudget budget)
    {
        var outer = budget.Begin();
        try
        {
            return _root.Evaluate(new Frame(bindings, _locals, budget));
        }
        finally
        {
            budget.End(outer);
        }
    }
}
