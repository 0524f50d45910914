using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Network.Nftables;
using IPNetwork = System.Net.IPNetwork;

namespace Kybernet.Network.Policies;

/// <summary>
/// Keeps the table of a node as policies, pods and namespaces say, a change at a time: a pod costs a look at each set that policies name, and a policy a look
/// at each pod for the sets that no other policy names. Not safe for concurrent use.
/// </summary>
/// <param name="nodeName">This node.</param>
/// <param name="table">The table.</param>
/// <param name="announced">What this node's kubelet has told of pods, by their uids. What it told of pods that are gone is taken out.</param>
internal sealed class PolicyIndex(string nodeName, NftTable table, Dictionary<string, Announcement> announced)
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _namespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<NamespacedName, PodEntry>> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, CompiledPolicy>> _policies = new(StringComparer.Ordinal);

    /// <summary>The sets that policies name, with how many do.</summary>
    private readonly Dictionary<AddressSet, int> _sets = [];

    private HashSet<IPNetwork> _networks = [];

    private readonly LocalVerdicts _verdicts = new(table);

    /// <summary>How many policies there are.</summary>
    public int PolicyCount => _policies.Values.Sum(static policies => policies.Count);

    /// <summary>This node is there, or another than before; null once it is gone.</summary>
    public void SetNode(Node? node)
    {
        var networks = new HashSet<IPNetwork>();
        foreach (var cidr in node?.Spec.PodCIDRs ?? [])
        {
            if (IPNetwork.TryParse(cidr, out var network))
            {
                networks.Add(network);
            }
        }
        foreach (var network in _networks.Except(networks))
        {
            table.RemoveElement(PolicyTable.NetworksOf(IPFamily.Of(network.BaseAddress)), network.ToString());
        }
        foreach (var network in networks.Except(_networks))
        {
            table.AddElement(PolicyTable.NetworksOf(IPFamily.Of(network.BaseAddress)), network.ToString());
        }
        _networks = networks;
    }

    /// <summary>A slice of the DNS's endpoints is another than before; null for none.</summary>
    public void SetDns(EndpointSlice? before, EndpointSlice? now)
    {
        foreach (var (family, element) in now is null ? [] : DnsEndpoints.ElementsOf(now))
        {
            table.AddElement(PolicyTable.DnsOf(family), element);
        }
        foreach (var (family, element) in before is null ? [] : DnsEndpoints.ElementsOf(before))
        {
            table.RemoveElement(PolicyTable.DnsOf(family), element);
        }
    }

    /// <summary>A pod is there, or another than before.</summary>
    public void SetPod(Pod pod)
    {
        var key = PodEntry.KeyOf(pod);
        var entry = PodEntry.Of(pod, nodeName, announced.GetValueOrDefault(pod.Metadata.Uid ?? "")?.Addresses ?? []);
        var before = PodsOf(key.Namespace).GetValueOrDefault(key);
        if (before is null ? entry is null : entry is not null && before.SameAs(entry))
        {
            return;
        }
        Replace(key, before, entry);
    }

    /// <summary>A pod is gone.</summary>
    public void RemovePod(Pod pod)
    {
        announced.Remove(pod.Metadata.Uid ?? "");
        var key = PodEntry.KeyOf(pod);
        if (PodsOf(key.Namespace).TryGetValue(key, out var before))
        {
            Replace(key, before, null);
        }
    }

    /// <summary>A namespace is there, with some labels; none once it is gone.</summary>
    public void SetNamespace(string name, IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is not null && _namespaces.TryGetValue(name, out var known) && known.Count == labels.Count && !known.Except(labels).Any())
        {
            return;
        }
        var pods = PodsOf(name);
        foreach (var pod in pods.Values)
        {
            ChangeElements(pod, table.RemoveElement);
        }
        if (labels is null)
        {
            _namespaces.Remove(name);
        }
        else
        {
            _namespaces[name] = labels;
        }
        foreach (var pod in pods.Values)
        {
            ChangeElements(pod, table.AddElement);
        }
    }

    /// <summary>A policy is there, or another than before.</summary>
    public void SetPolicy(NetworkPolicy policy)
    {
        var compiled = CompiledPolicy.Of(policy);
        var policies = PoliciesOf(compiled.Key.Namespace);
        var before = policies.GetValueOrDefault(compiled.Key.Name);
        foreach (var set in compiled.Sets)
        {
            Acquire(set);
        }
        policies[compiled.Key.Name] = compiled;
        _verdicts.SetPolicy(compiled);
        JudgeAll(compiled.Key.Namespace);
        if (before is not null)
        {
            ReleaseAll(before);
        }
    }

    /// <summary>A policy is gone.</summary>
    public void RemovePolicy(NetworkPolicy policy)
    {
        var @namespace = policy.Metadata.Namespace ?? "";
        if (!PoliciesOf(@namespace).Remove(policy.Metadata.Name ?? "", out var before))
        {
            return;
        }
        JudgeAll(@namespace);
        _verdicts.RemovePolicy(before);
        ReleaseAll(before);
    }

    private void Replace(NamespacedName key, PodEntry? before, PodEntry? now)
    {
        if (before is not null)
        {
            ChangeElements(before, table.RemoveElement);
        }
        if (now is null)
        {
            PodsOf(key.Namespace).Remove(key);
        }
        else
        {
            PodsOf(key.Namespace)[key] = now;
            ChangeElements(now, table.AddElement);
        }
        _verdicts.Judge(key, now is { IsLocal: true } ? now : null, PoliciesOf(key.Namespace).Values);
    }

    private void ChangeElements(PodEntry pod, Action<string, string> change)
    {
        foreach (var set in _sets.Keys)
        {
            ChangeElements(set, pod, change);
        }
    }

    private void ChangeElements(AddressSet set, PodEntry pod, Action<string, string> change)
    {
        foreach (var (family, element) in set.ElementsOf(pod, _namespaces.GetValueOrDefault(pod.Key.Namespace)))
        {
            change(set.NameOf(family), element);
        }
    }

    private void JudgeAll(string @namespace)
    {
        foreach (var (key, pod) in PodsOf(@namespace))
        {
            if (pod.IsLocal)
            {
                _verdicts.Judge(key, pod, PoliciesOf(@namespace).Values);
            }
        }
    }

    private void Acquire(AddressSet set)
    {
        var users = _sets.GetValueOrDefault(set);
        _sets[set] = users + 1;
        if (users > 0)
        {
            return;
        }
        foreach (var family in IPFamily.All)
        {
            table.AddSet(set.NameOf(family), "set", set.TypeOf(family));
        }
        foreach (var pods in _pods.Values)
        {
            foreach (var pod in pods.Values)
            {
                ChangeElements(set, pod, table.AddElement);
            }
        }
    }

    private void ReleaseAll(CompiledPolicy policy)
    {
        foreach (var set in policy.Sets)
        {
            if (--_sets[set] > 0)
            {
                continue;
            }
            _sets.Remove(set);
            foreach (var family in IPFamily.All)
            {
                table.RemoveSet(set.NameOf(family));
            }
        }
    }

    private Dictionary<NamespacedName, PodEntry> PodsOf(string @namespace)
    {
        if (!_pods.TryGetValue(@namespace, out var pods))
        {
            _pods.Add(@namespace, pods = []);
        }
        return pods;
    }

    private SortedDictionary<string, CompiledPolicy> PoliciesOf(string @namespace)
    {
        if (!_policies.TryGetValue(@namespace, out var policies))
        {
            _policies.Add(@namespace, policies = new SortedDictionary<string, CompiledPolicy>(StringComparer.Ordinal));
        }
        return policies;
    }
}
