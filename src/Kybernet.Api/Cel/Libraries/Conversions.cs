using System.Globalization;
using System.Text;
using Kybernet.Api.Times;

namespace Kybernet.Api.Cel;

/// <summary>Values of one type as values of another, and what they are.</summary>
internal static class Conversions
{
    // As text no number, boolean or time is longer.
    private const double LongestScalar = 32;

    private static readonly CelType A = CelType.Parameter("A");
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Declare(CelFunctions functions)
    {
        Numeric(functions);
        Texts(functions);
        functions.Global("dyn", [A], CelType.Dyn, static arguments => arguments[0]);
        functions.Global("type", [A], CelType.Type, static arguments => new CelTypeValue(arguments[0].Type));
        functions.Global("bool", [CelType.Bool], CelType.Bool, static arguments => arguments[0]);
        functions.Global("bool", [CelType.String], CelType.Bool, static arguments => Bool(Text(arguments[0])));
        functions.Global("timestamp", [CelType.Timestamp], CelType.Timestamp, static arguments => arguments[0]);
        functions.Global("timestamp", [CelType.String], CelType.Timestamp, static arguments => Time(Text(arguments[0])));
        functions.Global("timestamp", [CelType.Int], CelType.Timestamp, static arguments => Time(((CelInt)arguments[0]).Value));
        functions.Global("duration", [CelType.Duration], CelType.Duration, static arguments => arguments[0]);
        functions.Global("duration", [CelType.String], CelType.Duration, static arguments => CelDuration.Parse(Text(arguments[0])));
        foreach (var type in (CelType[])[CelType.String, CelType.Bytes, CelType.ListOf(A), CelType.MapOf(A, CelType.Parameter("B"))])
        {
            functions.Global("size", [type], CelType.Int, static arguments => new CelInt(arguments[0].Size));
            functions.Member("size", [type], CelType.Int, static arguments => new CelInt(arguments[0].Size));
        }
    }

    private static void Numeric(CelFunctions functions)
    {
        functions.Global("int", [CelType.Int], CelType.Int, static arguments => arguments[0]);
        functions.Global(
            "int", [CelType.Uint], CelType.Int,
            static arguments => ((CelUint)arguments[0]).Value is var value && value <= long.MaxValue ? new CelInt((long)value) : OutOfRange("integer"));
        functions.Global(
            "int", [CelType.Double], CelType.Int,
            static arguments => ((CelDouble)arguments[0]).Value is var value && value is > -9.2233720368547758e18 and < 9.2233720368547758e18
                ? new CelInt((long)value)
                : OutOfRange("integer"));
        functions.Global(
            "int", [CelType.String], CelType.Int,
            static arguments => long.TryParse(Text(arguments[0]), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                ? new CelInt(value)
                : Failed("string", "int"));
        functions.Global("int", [CelType.Timestamp], CelType.Int, static arguments => new CelInt(((CelTimestamp)arguments[0]).Value.ToUnixTimeSeconds()));
        functions.Global("uint", [CelType.Uint], CelType.Uint, static arguments => arguments[0]);
        functions.Global(
            "uint", [CelType.Int], CelType.Uint,
            static arguments => ((CelInt)arguments[0]).Value is var value && value >= 0 ? new CelUint((ulong)value) : OutOfRange("unsigned integer"));
        functions.Global(
            "uint", [CelType.Double], CelType.Uint,
            static arguments => ((CelDouble)arguments[0]).Value is var value && value is >= 0 and < 1.8446744073709552e19
                ? new CelUint((ulong)value)
                : OutOfRange("unsigned integer"));
        functions.Global(
            "uint", [CelType.String], CelType.Uint,
            static arguments => ulong.TryParse(Text(arguments[0]), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                ? new CelUint(value)
                : Failed("string", "uint"));
        functions.Global("double", [CelType.Double], CelType.Double, static arguments => arguments[0]);
        functions.Global("double", [CelType.Int], CelType.Double, static arguments => new CelDouble(((CelInt)arguments[0]).Value));
        functions.Global("double", [CelType.Uint], CelType.Double, static arguments => new CelDouble(((CelUint)arguments[0]).Value));
        functions.Global(
            "double", [CelType.String], CelType.Double,
            static arguments => double.TryParse(Text(arguments[0]), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? new CelDouble(value)
                : Failed("string", "double"));
    }

    private static void Texts(CelFunctions functions)
    {
        foreach (var type in (CelType[])[CelType.String, CelType.Bool, CelType.Int, CelType.Uint, CelType.Double, CelType.Timestamp, CelType.Duration])
        {
            functions.Global(
                "string", [type], CelType.String,
                static arguments => arguments[0] as CelString ?? new CelString(arguments[0].ToString()!), null, static sizes => Math.Max(sizes[0], LongestScalar));
        }
        functions.Global("string", [CelType.Bytes], CelType.String, static arguments => Decode((CelBytes)arguments[0]), Costs.First, Costs.SizeOfFirst);
        functions.Global("bytes", [CelType.Bytes], CelType.Bytes, static arguments => arguments[0]);
        functions.Global(
            "bytes", [CelType.String], CelType.Bytes,
            static arguments => new CelBytes(Encoding.UTF8.GetBytes(Text(arguments[0]))), Costs.First, static sizes => sizes[0] * 4);
    }

    private static string Text(CelValue value) => ((CelString)value).Value;

    private static CelError OutOfRange(string what) => new($"{what} overflow");

    private static CelError Failed(string from, string to) => new($"type conversion error from '{from}' to '{to}'");

    private static CelValue Decode(CelBytes bytes)
    {
        try
        {
            return new CelString(Strict.GetString(bytes.Value.Span));
        }
        catch (DecoderFallbackException)
        {
            return new CelError("invalid UTF-8 in bytes, cannot convert to string");
        }
    }

    private static CelValue Bool(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => CelBool.True,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => CelBool.False,
        _ => Failed("string", "bool"),
    };

    private static CelValue Time(string text) => Rfc3339.TryParse(text, out var time) ? new CelTimestamp(time) : Failed("string", "google.protobuf.Timestamp");

    private static CelValue Time(long seconds) =>
        seconds is >= -62135596800 and <= 253402300799 ? new CelTimestamp(DateTimeOffset.FromUnixTimeSeconds(seconds)) : new CelError("timestamp overflow");
}
