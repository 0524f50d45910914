using System.Net;
using Kybernet.Api;
using Kybernet.Network.Nftables;

namespace Kybernet.Network.Policies;

/// <summary>Maps the addresses of this node's pods to the chains of the policies that are about them.</summary>
/// <param name="table">The table.</param>
internal sealed class LocalVerdicts(NftTable table)
{
    private const string Unjudged = "accept";

    private readonly Dictionary<NamespacedName, JudgedPod> _pods = [];

    /// <summary>The pods that claim an address, the last one at the end: an address can be given out again before the pod that had it is gone.</summary>
    private readonly Dictionary<IPAddress, List<NamespacedName>> _claims = [];

    /// <summary>How many pods each chain of policies is for.</summary>
    private readonly Dictionary<string, int> _groups = new(StringComparer.Ordinal);

    /// <summary>Writes a policy's chains. A direction that it is not about has one too, to which nothing leads, or until the next judgement only.</summary>
    public void SetPolicy(CompiledPolicy policy)
    {
        foreach (var direction in Direction.All)
        {
            table.SetChain(ChainOf(direction, policy.Key), new NftChain("", policy.Chains.GetValueOrDefault(direction, [])));
        }
    }

    /// <summary>Takes a policy's chains away. No pod may be judged by it any more.</summary>
    public void RemovePolicy(CompiledPolicy policy)
    {
        foreach (var direction in Direction.All)
        {
            table.RemoveChain(ChainOf(direction, policy.Key));
        }
    }

    /// <summary>Maps a pod to the policies of its namespace that are about it; null for a pod that is gone.</summary>
    public void Judge(NamespacedName key, PodEntry? pod, IReadOnlyCollection<CompiledPolicy> policies)
    {
        var before = _pods.GetValueOrDefault(key);
        var verdicts = pod is null ? null : Direction.All.Select(direction => VerdictOf(pod, direction, policies)).ToArray();
        if (pod is null)
        {
            _pods.Remove(key);
        }
        else
        {
            _pods[key] = new JudgedPod(pod.Addresses, verdicts!);
        }
        Claim(key, before?.Addresses ?? [], pod?.Addresses ?? []);
        foreach (var verdict in before?.Verdicts ?? [])
        {
            Release(verdict);
        }
    }

    private void Claim(NamespacedName key, IReadOnlyList<IPAddress> before, IReadOnlyList<IPAddress> now)
    {
        foreach (var address in before.Except(now))
        {
            var claims = _claims[address];
            claims.Remove(key);
            if (claims.Count == 0)
            {
                _claims.Remove(address);
            }
            Write(address);
        }
        foreach (var address in now)
        {
            if (!_claims.TryGetValue(address, out var claims))
            {
                _claims.Add(address, claims = []);
            }
            if (!claims.Contains(key))
            {
                claims.Add(key);
            }
            Write(address);
        }
    }

    private void Write(IPAddress address)
    {
        var owner = _claims.TryGetValue(address, out var claims) ? _pods[claims[^1]] : null;
        for (var i = 0; i < Direction.All.Count; i++)
        {
            table.Map(PolicyTable.MapOf(Direction.All[i], IPFamily.Of(address)), address.ToString(), owner?.Verdicts[i]);
        }
    }

    private string VerdictOf(PodEntry pod, Direction direction, IReadOnlyCollection<CompiledPolicy> policies)
    {
        var about = policies.Where(policy => policy.Chains.ContainsKey(direction) && policy.Pods.Matches(pod.Labels)).Select(static policy => policy.Key).ToList();
        if (about.Count == 0)
        {
            return Unjudged;
        }
        var group = NftNames.Of(direction.Word, string.Join(' ', about));
        if (!_groups.TryGetValue(group, out var pods))
        {
            table.SetChain(group, new NftChain("", [.. about.Select(policy => $"jump {ChainOf(direction, policy)} comment \"{Comment(policy)}\""), "drop"]));
        }
        _groups[group] = pods + 1;
        return "goto " + group;
    }

    private void Release(string verdict)
    {
        if (verdict == Unjudged)
        {
            return;
        }
        var group = verdict["goto ".Length..];
        if (--_groups[group] == 0)
        {
            _groups.Remove(group);
            table.RemoveChain(group);
        }
    }

    /// <summary>For whoever looks at the rules; nft takes 128 characters.</summary>
    private static string Comment(NamespacedName policy)
    {
        var text = $"{policy.Namespace}/{policy.Name}";
        return text.Length > 120 ? text[..120] : text;
    }

    private static string ChainOf(Direction direction, NamespacedName policy) => NftNames.Of($"{direction.Word}-policy", $"{policy.Namespace}/{policy.Name}");

    private sealed record JudgedPod(IReadOnlyList<IPAddress> Addresses, IReadOnlyList<string> Verdicts);
}
