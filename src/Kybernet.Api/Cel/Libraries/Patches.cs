namespace Kybernet.Api.Cel;

/// <summary>What expressions that make JSON patches need.</summary>
internal static class Patches
{
    public static void Declare(CelFunctions functions) => functions.Global(
        "jsonpatch.escapeKey", [CelType.String], CelType.String,
        static arguments => new CelString(Strings.Value(arguments[0]).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)), Costs.FirstTwice);
}
