using Kybernet.Api.Schema.Structural;
using Kybernet.Api.Times;

namespace Kybernet.Api.Cel;

/// <summary>Literals that could never be what a function needs are told of when an expression is compiled.</summary>
internal static class ConstantArguments
{
    public static void Check(string function, Typed[] arguments, int position, CelSource source)
    {
        if (arguments.Length == 0 || arguments[^1].Node is not ConstantNode { Value: CelString text })
        {
            return;
        }
        var isGood = function switch
        {
            "duration" => GoDuration.TryParse(text.Value, out _),
            "timestamp" => Rfc3339.TryParse(text.Value, out _),
            "matches" => IsPattern(text.Value),
            _ => true,
        };
        if (!isGood)
        {
            source.Report(position, $"invalid {function} argument");
        }
    }

    private static bool IsPattern(string pattern)
    {
        try
        {
            StructuralSchema.CompilePattern(pattern);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
