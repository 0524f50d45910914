using Kybernet.Network.Services.Endpoints;

namespace Kybernet.Network.Services.Rules;

/// <summary>Collects the parts of the table that one Service asks for.</summary>
internal sealed class RuleParts
{
    private readonly Dictionary<RuleKey, string> _parts = [];
    private readonly Dictionary<Frontend, HashSet<string>> _datagrams = [];

    /// <summary>What was collected.</summary>
    public IReadOnlyDictionary<RuleKey, string> All => _parts;

    /// <summary>Where datagrams to a frontend may go: the addresses of its endpoints.</summary>
    public IReadOnlyDictionary<Frontend, HashSet<string>> Datagrams => _datagrams;

    /// <summary>Notes where packets to a frontend may go. Only for UDP does it matter: other protocols find out that an endpoint is gone.</summary>
    public void AddTargets(Frontend frontend, IReadOnlyList<ServiceEndpoint> endpoints)
    {
        if (frontend.Protocol != "udp")
        {
            return;
        }
        if (!_datagrams.TryGetValue(frontend, out var targets))
        {
            _datagrams.Add(frontend, targets = new HashSet<string>(StringComparer.Ordinal));
        }
        targets.UnionWith(endpoints.Select(static endpoint => endpoint.Address));
    }

    /// <summary>Adds a set that rules fill.</summary>
    public void AddSet(string name, string definition) => _parts[RuleKey.Set(name)] = definition;

    /// <summary>Adds a chain.</summary>
    /// <returns>Its name.</returns>
    public string AddChain(string name, params IEnumerable<string> rules)
    {
        _parts[RuleKey.Chain(name)] = string.Join('\n', rules);
        return name;
    }

    /// <summary>Adds an element to a set.</summary>
    public void AddElement(string set, string key) => AddElement(set, key, "");

    /// <summary>Adds an element to a map. The first of a Service to take a key keeps it.</summary>
    public void AddElement(string map, string key, string value) => _parts.TryAdd(RuleKey.Element(map, key), value);
}
