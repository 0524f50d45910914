namespace Kybernet.Api.Cel;

/// <summary>The functions of <c>math</c>.</summary>
internal static class Arithmetic
{
    public static void Declare(CelFunctions functions)
    {
        CelType[] numbers = [CelType.Int, CelType.Uint, CelType.Double];
        foreach (var type in numbers)
        {
            Extreme(functions, "math.greatest", type, 1);
            Extreme(functions, "math.least", type, -1);
        }
        functions.Global(
            "math.abs", [CelType.Int], CelType.Int,
            static arguments => ((CelInt)arguments[0]).Value is var value && value == long.MinValue ? new CelError("integer overflow") : new CelInt(Math.Abs(value)));
        functions.Global("math.abs", [CelType.Double], CelType.Double, static arguments => new CelDouble(Math.Abs(((CelDouble)arguments[0]).Value)));
        functions.Global("math.sign", [CelType.Int], CelType.Int, static arguments => new CelInt(Math.Sign(((CelInt)arguments[0]).Value)));
        Real(functions, "math.ceil", Math.Ceiling);
        Real(functions, "math.floor", Math.Floor);
        Real(functions, "math.round", static value => Math.Round(value, MidpointRounding.AwayFromZero));
        Real(functions, "math.trunc", Math.Truncate);
        functions.Global("math.isNaN", [CelType.Double], CelType.Bool, static arguments => CelBool.Of(double.IsNaN(((CelDouble)arguments[0]).Value)));
        functions.Global("math.isInf", [CelType.Double], CelType.Bool, static arguments => CelBool.Of(double.IsInfinity(((CelDouble)arguments[0]).Value)));
    }

    private static void Extreme(CelFunctions functions, string name, CelType type, int wanted)
    {
        functions.Global(name, [type], type, static arguments => arguments[0]);
        functions.Global(name, [CelType.ListOf(type)], type, arguments => Extreme((CelList)arguments[0], name, wanted), Costs.Items);
        for (var count = 2; count <= 4; count++)
        {
            functions.Global(name, [.. Enumerable.Repeat(type, count)], type, arguments => Extreme(CelList.Of(arguments), name, wanted));
        }
    }

    private static CelValue Extreme(CelList values, string name, int wanted)
    {
        if (values.Count == 0)
        {
            return new CelError($"{name}(list) argument must not be empty");
        }
        var extreme = values[0];
        for (var i = 1; i < values.Count; i++)
        {
            extreme = Math.Sign(Numbers.Compare(values[i], extreme) ?? 0) == wanted ? values[i] : extreme;
        }
        return extreme;
    }

    private static void Real(CelFunctions functions, string name, Func<double, double> apply) =>
        functions.Global(name, [CelType.Double], CelType.Double, arguments => new CelDouble(apply(((CelDouble)arguments[0]).Value)));
}
