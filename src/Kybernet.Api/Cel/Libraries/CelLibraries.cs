using System.Collections.Immutable;

namespace Kybernet.Api.Cel;

/// <summary>The functions and types that every environment has.</summary>
internal static class CelLibraries
{
    public static CelFunctions Functions()
    {
        var functions = new CelFunctions();
        Operators.Declare(functions);
        Conversions.Declare(functions);
        Times.Declare(functions);
        Strings.Declare(functions);
        Lists.Declare(functions);
        Optionals.Declare(functions);
        Arithmetic.Declare(functions);
        Quantities.Declare(functions);
        Urls.Declare(functions);
        Addresses.Declare(functions);
        Semvers.Declare(functions);
        Formats.Declare(functions);
        CelAuthorization.Declare(functions);
        Patches.Declare(functions);
        return functions;
    }

    public static ImmutableDictionary<string, CelType> Types()
    {
        CelType[] types =
        [
            CelType.Bool, CelType.Int, CelType.Uint, CelType.Double, CelType.String, CelType.Bytes, CelType.List, CelType.Map, CelType.Timestamp,
            CelType.Duration, CelType.Type, Optionals.Type, Quantities.Type, Urls.Type, Addresses.Address, Addresses.Network, Semvers.Type,
        ];
        return types.ToImmutableDictionary(static type => type.Name, StringComparer.Ordinal)
            .Add("null_type", CelType.Null);
    }
}
