namespace Kybernet.Api.Cel;

/// <summary>The functions that expressions may call, by name. Filled once, when an environment is made.</summary>
internal sealed class CelFunctions
{
    private readonly Dictionary<string, List<CelOverload>> _byName = new(StringComparer.Ordinal);

    /// <summary>The ways of calling a function; null where there is no function of the name.</summary>
    public IReadOnlyList<CelOverload>? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Declares a function that is called by its name alone.</summary>
    public void Global(string name, IReadOnlyList<CelType> parameters, CelType result, Func<CelValue[], CelValue> invoke, CelCost? cost = null, CelSize? size = null) =>
        Add(name, new CelOverload(false, parameters, result, invoke, cost, size));

    /// <summary>Declares a function that is called on its first argument.</summary>
    public void Member(string name, IReadOnlyList<CelType> parameters, CelType result, Func<CelValue[], CelValue> invoke, CelCost? cost = null, CelSize? size = null) =>
        Add(name, new CelOverload(true, parameters, result, invoke, cost, size));

    private void Add(string name, CelOverload overload)
    {
        if (!_byName.TryGetValue(name, out var overloads))
        {
            _byName.Add(name, overloads = []);
        }
        overloads.Add(overload);
    }
}
