using Kybernet.Api;
using Kybernet.Api.Networking.V1;
using Kybernet.Api.Selectors;

namespace Kybernet.Network.Policies;

/// <summary>A policy as nft rules, that name pods by sets only.</summary>
/// <param name="Key">The policy's name.</param>
/// <param name="Pods">The pods, of its namespace, that it is about.</param>
/// <param name="Chains">What it allows; only of the directions that it is about.</param>
/// <param name="Sets">The sets that the rules name.</param>
internal sealed record CompiledPolicy(
    NamespacedName Key, Selector Pods, IReadOnlyDictionary<Direction, IReadOnlyList<string>> Chains, IReadOnlySet<AddressSet> Sets)
{
    /// <summary>Makes the rules of a policy. A rule that a packet matches accepts it; a packet that none matches comes back.</summary>
    public static CompiledPolicy Of(NetworkPolicy policy)
    {
        var rules = new RuleCompiler(policy.Metadata.Namespace ?? "");
        var chains = new Dictionary<Direction, IReadOnlyList<string>>();
        if (IsAbout(policy.Spec, Direction.Ingress))
        {
            chains.Add(Direction.Ingress, [.. policy.Spec.Ingress.SelectMany(rule => rules.Compile(Direction.Ingress, rule.From, rule.Ports))]);
        }
        if (IsAbout(policy.Spec, Direction.Egress))
        {
            chains.Add(Direction.Egress, [.. policy.Spec.Egress.SelectMany(rule => rules.Compile(Direction.Egress, rule.To, rule.Ports))]);
        }
        var key = new NamespacedName(policy.Metadata.Namespace ?? "", policy.Metadata.Name ?? "");
        // A policy without a selector is about all pods of its namespace: the field is required, and the empty one is left out of what is stored.
        return new CompiledPolicy(key, policy.Spec.PodSelector is { } pods ? Selector.From(pods) : Selector.Everything, chains, rules.Sets);
    }

    /// <summary>Without types, a policy is about what comes in, and about what goes out where it says something of that.</summary>
    private static bool IsAbout(NetworkPolicySpec spec, Direction direction) =>
        spec.PolicyTypes.Count > 0 ? spec.PolicyTypes.Contains(direction.Name) : direction == Direction.Ingress || spec.Egress.Count > 0;
}
