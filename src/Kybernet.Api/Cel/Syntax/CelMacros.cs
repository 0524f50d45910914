namespace Kybernet.Api.Cel;

/// <summary>The functions that are ways of writing something else.</summary>
internal sealed class CelMacros(CelSource source)
{
    private const string Target = "@target";

    /// <summary>What a call stands for; null where it is no macro.</summary>
    public CelExpression? Expand(CallExpression call)
    {
        var (target, arguments) = (call.Target, call.Arguments);
        return (call.Function, arguments.Count) switch
        {
            ("has", 1) when target is null => Has(call),
            ("bind", 3) when target is IdentifierExpression { Name: "cel" } => new BindExpression(call.Position, Name(arguments[0]), arguments[1], arguments[2]),
            _ when target is null => null,
            ("all", 2 or 3) => Quantifier(call, ComprehensionKind.All),
            ("exists", 2 or 3) => Quantifier(call, ComprehensionKind.Exists),
            ("exists_one" or "existsOne", 2 or 3) => Quantifier(call, ComprehensionKind.ExistsOne),
            ("filter", 2) => new ComprehensionExpression(call.Position, ComprehensionKind.Map, target, Name(arguments[0]), null, arguments[1], arguments[0]),
            ("map", 2) => new ComprehensionExpression(call.Position, ComprehensionKind.Map, target, Name(arguments[0]), null, null, arguments[1]),
            ("map", 3) => new ComprehensionExpression(call.Position, ComprehensionKind.Map, target, Name(arguments[0]), null, arguments[1], arguments[2]),
            ("transformList", 3 or 4) => Transform(call, ComprehensionKind.Map),
            ("transformMap", 3 or 4) => Transform(call, ComprehensionKind.TransformMap),
            ("transformMapEntry", 3 or 4) => Transform(call, ComprehensionKind.TransformMapEntry),
            ("optMap", 2) => Optional(call, isFlat: false),
            ("optFlatMap", 2) => Optional(call, isFlat: true),
            _ => null,
        };
    }

    private CelExpression Has(CallExpression call)
    {
        if (call.Arguments[0] is SelectExpression { IsTest: false, IsOptional: false } select)
        {
            return select with { IsTest = true };
        }
        source.Report(call.Arguments[0].Position, "invalid argument to has() macro");
        return call;
    }

    private ComprehensionExpression Quantifier(CallExpression call, ComprehensionKind kind)
    {
        var arguments = call.Arguments;
        var (first, second) = Names(arguments);
        return new ComprehensionExpression(call.Position, kind, call.Target!, first, arguments.Count == 3 ? second : null, arguments[^1], null);
    }

    private ComprehensionExpression Transform(CallExpression call, ComprehensionKind kind)
    {
        var arguments = call.Arguments;
        var (first, second) = (Name(arguments[0]), Name(arguments[1]));
        return new ComprehensionExpression(call.Position, kind, call.Target!, first, second, arguments.Count == 4 ? arguments[2] : null, arguments[^1]);
    }

    /// <summary>The value of an optional is named, and what comes of it is optional again.</summary>
    private BindExpression Optional(CallExpression call, bool isFlat)
    {
        var position = call.Position;
        var target = new IdentifierExpression(position, Target);
        CelExpression body = new BindExpression(position, Name(call.Arguments[0]), Function("value", target), call.Arguments[1]);
        if (!isFlat)
        {
            body = Function("of", Namespace(), body);
        }
        var choice = new CallExpression(position, CelOperators.Conditional, null, [Function("hasValue", target), body, Function("none", Namespace())]);
        return new BindExpression(position, Target, call.Target!, choice);

        CallExpression Function(string name, CelExpression on, params IReadOnlyList<CelExpression> arguments) => new(position, name, on, arguments);

        IdentifierExpression Namespace() => new(position, "optional");
    }

    private (string First, string Second) Names(IReadOnlyList<CelExpression> arguments) =>
        (Name(arguments[0]), arguments.Count == 3 ? Name(arguments[1]) : "");

    private string Name(CelExpression expression)
    {
        if (expression is IdentifierExpression { IsAbsolute: false } name)
        {
            return name.Name;
        }
        source.Report(expression.Position, "argument must be a simple name");
        return "";
    }
}
