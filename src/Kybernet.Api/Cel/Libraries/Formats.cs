using Kybernet.Api.Schema.Structural;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Cel;

/// <summary>What names and other strings have to be like.</summary>
internal static class Formats
{
    public static CelType Type { get; } = CelType.Opaque("kubernetes.NamedFormat");

    private static readonly Format[] All =
    [
        new("dns1123Label", Names.Dns1123Label),
        new("dns1123Subdomain", Names.Dns1123Subdomain),
        new("dns1035Label", Names.Dns1035Label),
        new("qualifiedName", Names.QualifiedName),
        new("dns1123LabelPrefix", static text => Names.Prefix(text, Names.Dns1123Label)),
        new("dns1123SubdomainPrefix", static text => Names.Prefix(text, Names.Dns1123Subdomain)),
        new("dns1035LabelPrefix", static text => Names.Prefix(text, Names.Dns1035Label)),
        new("labelValue", Names.LabelValue),
        new("uri", static text => UrlParts.Parse(text, out var error) is null ? [$"parse \"{text}\": {error}"] : []),
        new("uuid", static text => Known("uuid", text, "does not match the UUID format")),
        new("byte", static text => Known("byte", text, "invalid base64")),
        new("date", static text => Known("date", text, "invalid date")),
        new("datetime", static text => Known("datetime", text, "invalid datetime")),
    ];

    public static void Declare(CelFunctions functions)
    {
        foreach (var format in All)
        {
            var value = new CelOpaque<Format>(Type, format);
            functions.Global($"format.{format.Name}", [], Type, _ => value);
        }
        functions.Global("format.named", [CelType.String], CelType.OptionalOf(Type), static arguments => Named(Strings.Value(arguments[0])));
        functions.Member(
            "validate", [Type, CelType.String], CelType.OptionalOf(CelType.ListOf(CelType.String)),
            static arguments => Validate(((CelOpaque<Format>)arguments[0]).Value, Strings.Value(arguments[1])), static (sizes, _) => Costs.Traversal(1 + sizes[1]) * 15);
    }

    private static CelOptional Named(string name) =>
        All.FirstOrDefault(format => format.Name == name) is { } found ? CelOptional.Of(new CelOpaque<Format>(Type, found)) : CelOptional.None;

    private static CelOptional Validate(Format format, string text) => format.Rule(text) is { Count: > 0 } problems
        ? CelOptional.Of(CelList.Of([.. problems.Select(static problem => new CelString(problem))]))
        : CelOptional.None;

    private static string[] Known(string format, string text, string problem) => StringFormats.IsValid(format, text) ? [] : [problem];

    private sealed record Format(string Name, Func<string, IReadOnlyList<string>> Rule);
}
