using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Cel;

namespace Kybernet.Api.Schema.Structural.Validations;

/// <summary>One rule of a schema (<c>x-kubernetes-validations</c>), compiled.</summary>
internal sealed class RuleProgram
{
    /// <summary>The value that the rule is about.</summary>
    public const string Self = "self";

    /// <summary>The value before the change.</summary>
    public const string OldSelf = "oldSelf";

    /// <param name="rule">The rule.</param>
    /// <param name="type">The type of what it is about.</param>
    public RuleProgram(ValidationRule rule, CelType type)
    {
        Rule = rule;
        var environment = CelEnvironment.Kubernetes.With(Self, type).With(OldSelf, rule.OptionalOldSelf == true ? CelType.OptionalOf(type) : type);
        (Program, Problem) = Compile(environment, rule.Rule, CelType.Bool, "cel expression must evaluate to a bool", "compilation failed: ");
        if (rule.MessageExpression is { Length: > 0 } message)
        {
            (MessageProgram, MessageProblem) = Compile(
                environment, message, CelType.String, "messageExpression must evaluate to a string", "messageExpression compilation failed: ");
        }
        UsesOldSelf = Program?.Variables.Contains(OldSelf) == true || MessageProgram?.Variables.Contains(OldSelf) == true;
    }

    /// <summary>The rule as it is written.</summary>
    public ValidationRule Rule { get; }

    /// <summary>Whether a value is good; null where the rule is wrong.</summary>
    public CelProgram? Program { get; }

    /// <summary>What is wrong with the rule; null for nothing.</summary>
    public string? Problem { get; }

    /// <summary>Says what is wrong with a value; null where the rule's own message does.</summary>
    public CelProgram? MessageProgram { get; }

    /// <summary>What is wrong with the expression of the message; null for nothing.</summary>
    public string? MessageProblem { get; }

    /// <summary>Whether it is about a change.</summary>
    public bool UsesOldSelf { get; }

    /// <summary>As errors refer to the rule: by its message where it has one.</summary>
    public string Name => Rule.Message is { Length: > 0 } message ? message.Trim() : Rule.Rule.Trim();

    /// <summary>What is wrong with a value that breaks the rule.</summary>
    public string Message => Rule.Message is { Length: > 0 } message ? message.Trim() : $"failed rule: {Rule.Rule.Trim()}";

    private static (CelProgram? Program, string? Problem) Compile(CelEnvironment environment, string text, CelType wanted, string wrongType, string prefix)
    {
        var compilation = environment.Compile(text);
        if (compilation.Program is not { } program)
        {
            return (null, prefix + compilation.Errors);
        }
        return program.ResultType.Kind == wanted.Kind ? (program, null) : (null, wrongType);
    }
}
