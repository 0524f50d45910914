namespace Kybernet.Api.Cel;

/// <summary>
/// Named expressions that others may use as <c>variables.name</c>: each may use those before it. One is evaluated when it is first needed, and once at
/// most for what belongs together. Filled while expressions are compiled; safe to use from many threads afterwards.
/// </summary>
public sealed class CelVariables
{
    private const string Name = "variables";

    private readonly Dictionary<string, CelProgram> _programs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CelField> _fields = new(StringComparer.Ordinal);

    /// <param name="environment">What the expressions are about.</param>
    public CelVariables(CelEnvironment environment)
    {
        Environment = environment.With(Name, new CelObjectType("kubernetes.variables", () => _fields));
    }

    /// <summary>The environment with the variables that there are so far.</summary>
    public CelEnvironment Environment { get; }

    /// <summary>Compiles one more variable. One that is wrong has a value of any type for those that use it.</summary>
    public CelCompilation Add(string name, string expression)
    {
        var compilation = Environment.Compile(expression);
        if (compilation.Program is { } program)
        {
            _programs[name] = program;
        }
        _fields[name] = new CelField(name, compilation.Program?.ResultType ?? CelType.Dyn);
        return compilation;
    }

    /// <summary>Lets expressions use the variables.</summary>
    /// <param name="bindings">What the variables' own expressions are about.</param>
    /// <param name="budget">Pays for them.</param>
    public void Bind(CelBindings bindings, CelBudget budget) => bindings.Set(Name, new Values(this, bindings, budget));

    private sealed class Values(CelVariables variables, CelBindings bindings, CelBudget budget) : CelMap
    {
        private readonly Dictionary<string, CelValue> _known = new(StringComparer.Ordinal);

        public override int Count => variables._programs.Count;

        public override IEnumerable<CelValue> Keys => variables._programs.Keys.Select(static name => new CelString(name));

        public override CelValue? Find(CelValue key) => key is CelString name ? Find(name.Value) : null;

        public override CelValue? Find(string key)
        {
            if (_known.TryGetValue(key, out var known))
            {
                return known;
            }
            if (!variables._programs.TryGetValue(key, out var program))
            {
                return null;
            }
            var value = program.TryEvaluate(bindings, budget);
            return _known[key] = value is CelError error ? new CelError($"composited variable \"{key}\" fails to evaluate: {error.Message}") : value;
        }

        public override bool Has(string key) => variables._programs.ContainsKey(key);
    }
}
