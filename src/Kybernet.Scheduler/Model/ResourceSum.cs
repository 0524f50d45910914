using Kybernet.Api;

namespace Kybernet.Scheduler.Model;

/// <summary>Adds up the resources of containers while a pod is compiled.</summary>
internal sealed class ResourceSum
{
    public const long DefaultMilliCpu = 100;
    public const long DefaultMemory = 200L * 1024 * 1024;

    private long _milliCpu;
    private long _memory;
    private long _ephemeralStorage;
    private Dictionary<string, long>? _scalars;

    /// <summary>The amounts of a list of resources.</summary>
    /// <param name="resources">As an object spells them.</param>
    /// <param name="withDefaults">
    /// Whether CPU and memory that are not asked for count as a small amount, so that pods without requests are spread by score too.
    /// </param>
    public static ResourceSum Of(IReadOnlyDictionary<string, Quantity> resources, bool withDefaults)
    {
        var sum = new ResourceSum();
        if (withDefaults)
        {
            sum._milliCpu = resources.ContainsKey("cpu") ? 0 : DefaultMilliCpu;
            sum._memory = resources.ContainsKey("memory") ? 0 : DefaultMemory;
        }
        foreach (var (name, quantity) in resources)
        {
            sum.Set(name, quantity);
        }
        return sum;
    }

    public void Set(string name, Quantity quantity)
    {
        switch (name)
        {
            case "cpu":
                _milliCpu = quantity.MilliValue;
                break;
            case "memory":
                _memory = quantity.ToInt64();
                break;
            case "ephemeral-storage":
                _ephemeralStorage = quantity.ToInt64();
                break;
            default:
                if (ScalarResources.IsScalar(name))
                {
                    (_scalars ??= new(StringComparer.Ordinal))[name] = quantity.ToInt64();
                }
                break;
        }
    }

    public void Add(ResourceSum other)
    {
        _milliCpu += other._milliCpu;
        _memory += other._memory;
        _ephemeralStorage += other._ephemeralStorage;
        if (other._scalars is null)
        {
            return;
        }
        _scalars ??= new(StringComparer.Ordinal);
        foreach (var (name, amount) in other._scalars)
        {
            _scalars[name] = _scalars.GetValueOrDefault(name) + amount;
        }
    }

    public void Max(ResourceSum other)
    {
        _milliCpu = Math.Max(_milliCpu, other._milliCpu);
        _memory = Math.Max(_memory, other._memory);
        _ephemeralStorage = Math.Max(_ephemeralStorage, other._ephemeralStorage);
        if (other._scalars is null)
        {
            return;
        }
        _scalars ??= new(StringComparer.Ordinal);
        foreach (var (name, amount) in other._scalars)
        {
            _scalars[name] = Math.Max(_scalars.GetValueOrDefault(name), amount);
        }
    }

    public ResourceRequest ToRequest(ScalarResources table)
    {
        if (_scalars is null)
        {
            return new ResourceRequest(_milliCpu, _memory, _ephemeralStorage, []);
        }
        var scalars = new List<ScalarAmount>(_scalars.Count);
        foreach (var (name, amount) in _scalars)
        {
            if (amount != 0)
            {
                scalars.Add(new ScalarAmount(table.IdOf(name), amount));
            }
        }
        return new ResourceRequest(_milliCpu, _memory, _ephemeralStorage, scalars);
    }
}
