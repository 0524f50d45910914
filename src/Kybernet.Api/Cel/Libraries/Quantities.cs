namespace Kybernet.Api.Cel;

/// <summary>Quantities of resources.</summary>
internal static class Quantities
{
    public static CelType Type { get; } = CelType.Opaque("kubernetes.Quantity");

    public static void Declare(CelFunctions functions)
    {
        functions.Global("quantity", [CelType.String], Type, static arguments => Parse(Strings.Value(arguments[0])), Costs.First);
        functions.Global(
            "isQuantity", [CelType.String], CelType.Bool,
            static arguments => CelBool.Of(Quantity.TryParse(Strings.Value(arguments[0]), out _)), Costs.First);
        functions.Global("sign", [Type], CelType.Int, static arguments => new CelInt(Value(arguments[0]).Sign));
        functions.Member("sign", [Type], CelType.Int, static arguments => new CelInt(Value(arguments[0]).Sign));
        functions.Member("isInteger", [Type], CelType.Bool, static arguments => CelBool.Of(IsInteger(Value(arguments[0]))));
        functions.Member(
            "asInteger", [Type], CelType.Int,
            static arguments => IsInteger(Value(arguments[0])) ? new CelInt(Value(arguments[0]).ToInt64()) : new CelError("cannot convert value to integer"));
        functions.Member("asApproximateFloat", [Type], CelType.Double, static arguments => new CelDouble(Value(arguments[0]).ToDouble()));
        functions.Member("isGreaterThan", [Type, Type], CelType.Bool, static arguments => CelBool.Of(Value(arguments[0]) > Value(arguments[1])));
        functions.Member("isLessThan", [Type, Type], CelType.Bool, static arguments => CelBool.Of(Value(arguments[0]) < Value(arguments[1])));
        functions.Member("compareTo", [Type, Type], CelType.Int, static arguments => new CelInt(Math.Sign(Value(arguments[0]).CompareTo(Value(arguments[1])))));
        functions.Member("add", [Type, Type], Type, static arguments => Of(Value(arguments[0]) + Value(arguments[1])));
        functions.Member("add", [Type, CelType.Int], Type, static arguments => Of(Value(arguments[0]) + new Quantity(((CelInt)arguments[1]).Value)));
        functions.Member("sub", [Type, Type], Type, static arguments => Of(Value(arguments[0]) - Value(arguments[1])));
        functions.Member("sub", [Type, CelType.Int], Type, static arguments => Of(Value(arguments[0]) - new Quantity(((CelInt)arguments[1]).Value)));
    }

    private static Quantity Value(CelValue value) => ((CelOpaque<Quantity>)value).Value;

    private static CelOpaque<Quantity> Of(Quantity quantity) => new(Type, quantity);

    private static CelValue Parse(string text) => Quantity.TryParse(text, out var quantity, out var error) ? Of(quantity) : new CelError(error);

    private static bool IsInteger(Quantity quantity) => quantity.CompareTo(new Quantity(quantity.ToInt64())) == 0;
}
