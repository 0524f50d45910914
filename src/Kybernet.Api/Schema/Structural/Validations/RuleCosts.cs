using System.Globalization;
using Kybernet.Api.Cel;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Schema.Structural.Validations;

/// <summary>What the rules of a schema can cost at most, and whether that is too much, in upstream's words.</summary>
internal sealed class RuleCosts
{
    private const double Limit = 10_000_000;
    private const double TotalLimit = 100_000_000;

    /// <summary>As many as are told to have made the total too much.</summary>
    private const int Told = 4;

    private readonly List<(FieldPath Path, double Cost)> _costs = [];

    /// <summary>Adds what a rule can cost, with its message.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="cardinality">How many values of an object it can be about.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="errors">Told where the rule alone costs too much.</param>
    public void Add(RuleProgram rule, double cardinality, FieldPath path, FieldErrors errors)
    {
        Add(rule.Program, cardinality, path.Child("rule"), "estimated rule cost", errors);
        Add(rule.MessageProgram, 1, path.Child("messageExpression"), "estimated messageExpression cost", errors);
    }

    /// <summary>Tells where all rules together cost too much.</summary>
    public void Report(FieldPath schema, FieldErrors errors)
    {
        var total = _costs.Sum(static cost => cost.Cost);
        if (total <= TotalLimit)
        {
            return;
        }
        foreach (var (path, _) in _costs.Where(static cost => cost.Cost >= TotalLimit / 100).OrderByDescending(static cost => cost.Cost).Take(Told))
        {
            errors.Forbidden(path, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema");
        }
        errors.Forbidden(schema, TooMuch("x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema", total / TotalLimit));
    }

    private void Add(CelProgram? program, double cardinality, FieldPath path, string what, FieldErrors errors)
    {
        if (program is null)
        {
            return;
        }
        var cost = program.EstimatedCost * cardinality;
        _costs.Add((path, cost));
        if (cost > Limit)
        {
            errors.Forbidden(path, TooMuch(what, cost / Limit));
        }
    }

    private static string TooMuch(string what, double factor)
    {
        var times = factor switch
        {
            > 100 => "more than 100x",
            < 1.5 => string.Create(CultureInfo.InvariantCulture, $"{factor:F6}x"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{factor:F1}x"),
        };
        return $"{what} exceeds budget by factor of {times} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
    }
}
