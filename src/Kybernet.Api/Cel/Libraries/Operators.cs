namespace Kybernet.Api.Cel;

/// <summary>What operators do: arithmetic, comparison, membership.</summary>
internal static class Operators
{
    private static readonly CelType A = CelType.Parameter("A");
    private static readonly CelType B = CelType.Parameter("B");
    private static readonly CelError Overflow = new("integer overflow");
    private static readonly CelError UnsignedOverflow = new("unsigned integer overflow");

    public static void Declare(CelFunctions functions)
    {
        functions.Global(CelOperators.Not, [CelType.Bool], CelType.Bool, static arguments => CelBool.Of(!((CelBool)arguments[0]).Value));
        functions.Global(CelOperators.IsEqual, [A, A], CelType.Bool, static arguments => CelBool.Of(arguments[0].Same(arguments[1])), Costs.Shorter);
        functions.Global(CelOperators.IsNotEqual, [A, A], CelType.Bool, static arguments => CelBool.Of(!arguments[0].Same(arguments[1])), Costs.Shorter);
        functions.Global(
            CelOperators.In, [A, CelType.ListOf(A)], CelType.Bool,
            static arguments => CelBool.Of(((CelList)arguments[1]).Contains(arguments[0])), static (sizes, _) => sizes[1]);
        functions.Global(
            CelOperators.In, [A, CelType.MapOf(A, B)], CelType.Bool,
            static arguments => CelBool.Of(((CelMap)arguments[1]).Find(arguments[0]) is not null));
        Order(functions, CelOperators.Less, static order => order < 0);
        Order(functions, CelOperators.LessOrEqual, static order => order <= 0);
        Order(functions, CelOperators.Greater, static order => order > 0);
        Order(functions, CelOperators.GreaterOrEqual, static order => order >= 0);
        Integers(functions);
        Unsigned(functions);
        Reals(functions);
        Additions(functions);
    }

    /// <summary>The order of two values; null where they have none.</summary>
    public static int? Compare(CelValue left, CelValue right) => (left, right) switch
    {
        (CelString a, CelString b) => CodePoints.Compare(a.Value, b.Value),
        (CelBytes a, CelBytes b) => a.Value.Span.SequenceCompareTo(b.Value.Span),
        (CelBool a, CelBool b) => a.Value.CompareTo(b.Value),
        (CelTimestamp a, CelTimestamp b) => a.Value.CompareTo(b.Value),
        (CelDuration a, CelDuration b) => a.Value.CompareTo(b.Value),
        _ => Numbers.Compare(left, right),
    };

    private static void Order(CelFunctions functions, string name, Func<int, bool> test)
    {
        CelValue Apply(CelValue[] arguments) => CelBool.Of(Compare(arguments[0], arguments[1]) is { } order && test(order));

        CelType[] numbers = [CelType.Int, CelType.Uint, CelType.Double];
        foreach (var left in numbers)
        {
            foreach (var right in numbers)
            {
                functions.Global(name, [left, right], CelType.Bool, Apply);
            }
        }
        foreach (var type in (CelType[])[CelType.Bool, CelType.Timestamp, CelType.Duration])
        {
            functions.Global(name, [type, type], CelType.Bool, Apply);
        }
        functions.Global(name, [CelType.String, CelType.String], CelType.Bool, Apply, Costs.Shorter);
        functions.Global(name, [CelType.Bytes, CelType.Bytes], CelType.Bool, Apply, Costs.Shorter);
    }

    private static void Integers(CelFunctions functions)
    {
        void Declare(string name, Func<long, long, long> apply, string? zero = null) =>
            functions.Global(name, [CelType.Int, CelType.Int], CelType.Int, arguments => Integer(arguments, apply, zero));

        Declare(CelOperators.Add, static (a, b) => checked(a + b));
        Declare(CelOperators.Subtract, static (a, b) => checked(a - b));
        Declare(CelOperators.Multiply, static (a, b) => checked(a * b));
        Declare(CelOperators.Divide, static (a, b) => a / b, "division by zero");
        Declare(CelOperators.Modulo, static (a, b) => a == long.MinValue && b == -1 ? throw new OverflowException() : a % b, "modulus by zero");
        functions.Global(
            CelOperators.Negate, [CelType.Int], CelType.Int, static arguments => ((CelInt)arguments[0]).Value is var value && value == long.MinValue ? Overflow : new CelInt(-value));
    }

    private static CelValue Integer(CelValue[] arguments, Func<long, long, long> apply, string? zero)
    {
        var right = ((CelInt)arguments[1]).Value;
        if (right == 0 && zero is not null)
        {
            return new CelError(zero);
        }
        try
        {
            return new CelInt(apply(((CelInt)arguments[0]).Value, right));
        }
        catch (OverflowException)
        {
            return Overflow;
        }
    }

    private static void Unsigned(CelFunctions functions)
    {
        void Declare(string name, Func<ulong, ulong, ulong> apply, string? zero = null) =>
            functions.Global(name, [CelType.Uint, CelType.Uint], CelType.Uint, arguments => UnsignedInteger(arguments, apply, zero));

        Declare(CelOperators.Add, static (a, b) => checked(a + b));
        Declare(CelOperators.Subtract, static (a, b) => checked(a - b));
        Declare(CelOperators.Multiply, static (a, b) => checked(a * b));
        Declare(CelOperators.Divide, static (a, b) => a / b, "division by zero");
        Declare(CelOperators.Modulo, static (a, b) => a % b, "modulus by zero");
    }

    private static CelValue UnsignedInteger(CelValue[] arguments, Func<ulong, ulong, ulong> apply, string? zero)
    {
        var right = ((CelUint)arguments[1]).Value;
        if (right == 0 && zero is not null)
        {
            return new CelError(zero);
        }
        try
        {
            return new CelUint(apply(((CelUint)arguments[0]).Value, right));
        }
        catch (OverflowException)
        {
            return UnsignedOverflow;
        }
    }

    private static void Reals(CelFunctions functions)
    {
        void Declare(string name, Func<double, double, double> apply) => functions.Global(
            name, [CelType.Double, CelType.Double], CelType.Double, arguments => new CelDouble(apply(((CelDouble)arguments[0]).Value, ((CelDouble)arguments[1]).Value)));

        Declare(CelOperators.Add, static (a, b) => a + b);
        Declare(CelOperators.Subtract, static (a, b) => a - b);
        Declare(CelOperators.Multiply, static (a, b) => a * b);
        Declare(CelOperators.Divide, static (a, b) => a / b);
        functions.Global(CelOperators.Negate, [CelType.Double], CelType.Double, static arguments => new CelDouble(-((CelDouble)arguments[0]).Value));
    }

    /// <summary>Adding what is no number, and taking times apart.</summary>
    private static void Additions(CelFunctions functions)
    {
        var (time, span) = (CelType.Timestamp, CelType.Duration);
        functions.Global(
            CelOperators.Add, [CelType.String, CelType.String], CelType.String,
            static arguments => new CelString(((CelString)arguments[0]).Value + ((CelString)arguments[1]).Value), Costs.Both, Costs.SizeOfBoth);
        functions.Global(
            CelOperators.Add, [CelType.Bytes, CelType.Bytes], CelType.Bytes,
            static arguments => new CelBytes([.. ((CelBytes)arguments[0]).Value.Span, .. ((CelBytes)arguments[1]).Value.Span]), Costs.Both, Costs.SizeOfBoth);
        functions.Global(
            CelOperators.Add, [CelType.ListOf(A), CelType.ListOf(A)], CelType.ListOf(A), static arguments => ((CelList)arguments[0]).Append((CelList)arguments[1]), null, Costs.SizeOfBoth);
        functions.Global(CelOperators.Add, [time, span], time, static arguments => Shift(arguments[0], arguments[1], 1));
        functions.Global(CelOperators.Add, [span, time], time, static arguments => Shift(arguments[1], arguments[0], 1));
        functions.Global(CelOperators.Subtract, [time, span], time, static arguments => Shift(arguments[0], arguments[1], -1));
        functions.Global(
            CelOperators.Subtract, [time, time], span, static arguments => CelDuration.Of(((CelTimestamp)arguments[0]).Value - ((CelTimestamp)arguments[1]).Value));
        functions.Global(CelOperators.Add, [span, span], span, static arguments => CelDuration.Of(Span(arguments[0]) + Span(arguments[1])));
        functions.Global(CelOperators.Subtract, [span, span], span, static arguments => CelDuration.Of(Span(arguments[0]) - Span(arguments[1])));
        functions.Global(CelOperators.Negate, [span], span, static arguments => CelDuration.Of(-Span(arguments[0])));
    }

    private static TimeSpan Span(CelValue value) => ((CelDuration)value).Value;

    private static CelValue Shift(CelValue time, CelValue by, int sign)
    {
        try
        {
            return new CelTimestamp(((CelTimestamp)time).Value + (sign * Span(by)));
        }
        catch (ArgumentOutOfRangeException)
        {
            return new CelError("timestamp overflow");
        }
    }
}
