using Kybernet.Api;

namespace Kybernet.Network.Services.Rules;

/// <summary>How a part of the table changed; null where it was not, or is no longer, there.</summary>
/// <param name="Key">Which.</param>
/// <param name="Before">Its definition as the kernel has it.</param>
/// <param name="After">Its definition as it has to be.</param>
internal readonly record struct RuleChange(RuleKey Key, string? Before, string? After);

/// <summary>
/// All parts of the table that Services ask for, and which of them changed since they were last taken to the kernel. Services share parts, such as the
/// chains that choose among some number of endpoints: a part is there as long as one asks for it, and where two ask for different things under one name
/// (two Services with the same external address), the one that came first has it. A change costs what that Service's parts cost.
/// </summary>
internal sealed class RuleTable
{
    private readonly Dictionary<NamespacedName, IReadOnlyDictionary<RuleKey, string>> _byService = [];
    private readonly Dictionary<RuleKey, List<Claim>> _claims = [];
    private readonly Dictionary<RuleKey, string?> _before = [];

    private readonly record struct Claim(NamespacedName Service, string Definition);

    /// <summary>Puts what a Service asks for in place of what it asked for before.</summary>
    public void Replace(NamespacedName service, IReadOnlyDictionary<RuleKey, string> parts)
    {
        var previous = _byService.GetValueOrDefault(service) ?? new Dictionary<RuleKey, string>();
        foreach (var (key, definition) in parts)
        {
            if (!previous.TryGetValue(key, out var known) || known != definition)
            {
                Put(service, key, definition);
            }
        }
        foreach (var key in previous.Keys)
        {
            if (!parts.ContainsKey(key))
            {
                Withdraw(service, key);
            }
        }
        if (parts.Count == 0)
        {
            _byService.Remove(service);
        }
        else
        {
            _byService[service] = parts;
        }
    }

    /// <summary>What changed since the last call, and counts as done from now on.</summary>
    public IReadOnlyList<RuleChange> TakeChanges()
    {
        var changes = new List<RuleChange>(_before.Count);
        foreach (var (key, before) in _before)
        {
            if (Definition(key) is var after && after != before)
            {
                changes.Add(new RuleChange(key, before, after));
            }
        }
        _before.Clear();
        return changes;
    }

    /// <summary>Everything, as changes to an empty table.</summary>
    public IReadOnlyList<RuleChange> All()
    {
        var changes = new List<RuleChange>(_claims.Count);
        foreach (var (key, claims) in _claims)
        {
            changes.Add(new RuleChange(key, null, claims[0].Definition));
        }
        return changes;
    }

    private string? Definition(RuleKey key) => _claims.TryGetValue(key, out var claims) ? claims[0].Definition : null;

    private void Put(NamespacedName service, RuleKey key, string definition)
    {
        _before.TryAdd(key, Definition(key));
        if (!_claims.TryGetValue(key, out var claims))
        {
            _claims.Add(key, claims = new List<Claim>(1));
        }
        var index = claims.FindIndex(claim => claim.Service == service);
        if (index < 0)
        {
            claims.Add(new Claim(service, definition));
        }
        else
        {
            claims[index] = new Claim(service, definition);
        }
    }

    private void Withdraw(NamespacedName service, RuleKey key)
    {
        _before.TryAdd(key, Definition(key));
        var claims = _claims[key];
        claims.RemoveAll(claim => claim.Service == service);
        if (claims.Count == 0)
        {
            _claims.Remove(key);
        }
    }
}
