namespace Kybernet.Api.Cel;

/// <summary>Values that may be there or not.</summary>
internal static class Optionals
{
    private static readonly CelType A = CelType.Parameter("A");
    private static readonly CelType Optional = CelType.OptionalOf(A);

    public static CelType Type { get; } = CelType.OptionalOf(CelType.Dyn);

    public static void Declare(CelFunctions functions)
    {
        functions.Global("optional.of", [A], Optional, static arguments => CelOptional.Of(arguments[0]));
        functions.Global("optional.ofNonZeroValue", [A], Optional, static arguments => IsZero(arguments[0]) ? CelOptional.None : CelOptional.Of(arguments[0]));
        functions.Global("optional.none", [], Optional, static _ => CelOptional.None);
        functions.Member("hasValue", [Optional], CelType.Bool, static arguments => CelBool.Of(((CelOptional)arguments[0]).Value is not null));
        functions.Member("value", [Optional], A, static arguments => ((CelOptional)arguments[0]).Value ?? new CelError("optional.none() dereference"));
        functions.Member("or", [Optional, Optional], Optional, static arguments => ((CelOptional)arguments[0]).Value is null ? arguments[1] : arguments[0]);
        functions.Member("orValue", [Optional, A], A, static arguments => ((CelOptional)arguments[0]).Value ?? arguments[1]);
    }

    private static bool IsZero(CelValue value) => value switch
    {
        CelBool flag => !flag.Value,
        CelInt or CelUint or CelDouble => Numbers.Compare(value, new CelInt(0)) == 0,
        CelString or CelBytes or CelList or CelMap => value.Size == 0,
        CelDuration duration => duration.Value == TimeSpan.Zero,
        _ => value.Type.Kind == CelKind.Null,
    };
}
