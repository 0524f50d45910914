using System.Collections.Immutable;

namespace Kybernet.Api.Cel;

/// <summary>
/// What expressions of the Common Expression Language are about: the variables that they may name, with types, and the functions of Kubernetes' libraries.
/// Immutable: an environment with more in it is another one. Expressions are compiled once and evaluated often.
/// </summary>
public sealed class CelEnvironment
{
    private static readonly Dictionary<string, CelField> NoFields = [];

    private readonly ImmutableDictionary<string, CelType> _variables;
    private readonly ImmutableDictionary<string, CelType> _types;

    private CelEnvironment(CelFunctions functions, ImmutableDictionary<string, CelType> variables, ImmutableDictionary<string, CelType> types)
    {
        Functions = functions;
        _variables = variables;
        _types = types;
    }

    /// <summary>The language with Kubernetes' libraries, and no variables.</summary>
    public static CelEnvironment Kubernetes { get; } = new(
        CelLibraries.Functions(), ImmutableDictionary.Create<string, CelType>(StringComparer.Ordinal), CelLibraries.Types());

    internal CelFunctions Functions { get; }

    /// <summary>The environment with one more variable.</summary>
    public CelEnvironment With(string variable, CelType type) => new(Functions, _variables.SetItem(variable, type), _types);

    /// <summary>The environment with one more type of objects, which expressions may make and name.</summary>
    public CelEnvironment WithType(CelObjectType type) => new(Functions, _variables, _types.SetItem(type.Name, type));

    /// <summary>Compiles an expression.</summary>
    public CelCompilation Compile(string text)
    {
        var source = new CelSource(text);
        if (CelParser.Parse(source) is not { } expression)
        {
            return new CelCompilation(null, source.Issues());
        }
        var compiler = new CelCompiler(this, source);
        var typed = compiler.Compile(expression);
        return source.HasIssues
            ? new CelCompilation(null, source.Issues())
            : new CelCompilation(new CelProgram(typed.Node, typed.Type, compiler.Slots, compiler.References), []);
    }

    internal CelType? FindVariable(string name) => _variables.GetValueOrDefault(name);

    /// <summary>A type by its name; within an open one, such as <c>Object</c>, any part has a type of its own: <c>Object.spec.template</c>.</summary>
    internal CelType? FindType(string name) =>
        _types.GetValueOrDefault(name) ?? (FindType(name.AsSpan()) is { IsOpen: true } ? new CelObjectType(name, static () => NoFields) { IsOpen = true } : null);

    private CelObjectType? FindType(ReadOnlySpan<char> name) =>
        name.IndexOf('.') is > 0 and var dot && _types.TryGetValue(name[..dot].ToString(), out var type) ? type as CelObjectType : null;
}
