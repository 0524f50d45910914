using System.Text.Json.Nodes;

namespace Kybernet.Api.Cel;

/// <summary>The values of an environment's variables for evaluations that belong together. Not safe to use from many threads.</summary>
/// <param name="outer">Has the values that these do not say; null for none.</param>
public sealed class CelBindings(CelBindings? outer = null)
{
    private readonly Dictionary<string, Lazy<CelValue>> _values = new(StringComparer.Ordinal);

    /// <summary>Gives a variable its value.</summary>
    public CelBindings Set(string name, CelValue value)
    {
        _values[name] = new Lazy<CelValue>(value);
        return this;
    }

    /// <summary>Gives a variable a tree as its value; null for null.</summary>
    public CelBindings Set(string name, JsonNode? tree) => Set(name, CelJson.ToValue(tree, CelType.Dyn));

    /// <summary>Gives a variable a value that is worked out when an expression first asks for it.</summary>
    public CelBindings Set(string name, Func<CelValue> value)
    {
        _values[name] = new Lazy<CelValue>(value, LazyThreadSafetyMode.None);
        return this;
    }

    internal CelValue Find(string name) =>
        _values.TryGetValue(name, out var value) ? value.Value : outer?.Find(name) ?? new CelError($"no such attribute(s): {name}");
}
