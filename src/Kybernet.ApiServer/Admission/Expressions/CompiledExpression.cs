using Kybernet.Api.Cel;

namespace Kybernet.ApiServer.Admission.Expressions;

/// <summary>An expression of admission, compiled: what it comes to has one of the types that are wanted.</summary>
internal sealed class CompiledExpression
{
    private const string OutOfBudget = "validation failed due to running out of cost budget, no further validation rules will be run";

    private readonly CelProgram? _program;

    /// <param name="environment">What it is about.</param>
    /// <param name="text">The expression.</param>
    /// <param name="wanted">The types that it may come to; none for any.</param>
    public CompiledExpression(CelEnvironment environment, string text, params IReadOnlyList<CelType> wanted)
    {
        Text = text;
        var compilation = environment.Compile(text);
        if (compilation.Program is not { } program)
        {
            Problem = "compilation failed: " + compilation.Errors;
        }
        else if (wanted.Count > 0 && !wanted.Any(type => type.ToString() == program.ResultType.ToString()))
        {
            Problem = wanted.Count == 1
                ? $"must evaluate to {wanted[0]} but got {program.ResultType}"
                : $"must evaluate to one of [{string.Join(' ', wanted)}] but got {program.ResultType}";
        }
        else
        {
            _program = program;
        }
    }

    /// <summary>The expression.</summary>
    public string Text { get; }

    /// <summary>What is wrong with it; null for nothing.</summary>
    public string? Problem { get; }

    /// <summary>Evaluates it.</summary>
    /// <exception cref="ExpressionException">It has no value.</exception>
    public CelValue Evaluate(CelBindings bindings, CelBudget budget)
    {
        if (_program is null)
        {
            throw new ExpressionException($"compilation error: {Problem}");
        }
        try
        {
            var value = _program.Evaluate(bindings, budget);
            return budget.Remaining >= 0 ? value : throw new ExpressionException(OutOfBudget) { EndsEverything = true };
        }
        catch (CelBudgetException exception)
        {
            throw new ExpressionException($"{OutOfBudget}: {exception.Message}", exception) { EndsEverything = true };
        }
        catch (CelException exception)
        {
            throw new ExpressionException($"expression '{Text}' resulted in error: {exception.Message}", exception);
        }
    }
}

/// <summary>An expression of admission has no value for a request.</summary>
internal sealed class ExpressionException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether nothing more can be evaluated, since what evaluations may cost is used up.</summary>
    public bool EndsEverything { get; init; }
}
