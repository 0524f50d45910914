using System.Collections.Immutable;

namespace Kybernet.Kubelet.Cpus;

/// <summary>Who has which processors.</summary>
/// <param name="Policy">By which rule.</param>
/// <param name="Shared">Those of everybody who has none alone; empty where there is no rule.</param>
/// <param name="Exclusive">Those that containers have alone: by pod and container.</param>
internal sealed record CpuAssignments(string Policy, CpuSet Shared, ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, CpuSet>> Exclusive)
{
    private static readonly ImmutableSortedDictionary<string, CpuSet> NoContainers = ImmutableSortedDictionary.Create<string, CpuSet>(StringComparer.Ordinal);

    /// <summary>Nobody has any alone.</summary>
    public static CpuAssignments None(string policy, CpuSet shared) =>
        new(policy, shared, ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, CpuSet>>(StringComparer.Ordinal));

    /// <summary>Those that a container has alone; null for none.</summary>
    public CpuSet? Find(string uid, string container) => Exclusive.GetValueOrDefault(uid)?.GetValueOrDefault(container);

    /// <summary>With some that a container has alone from now on.</summary>
    public CpuAssignments With(string uid, string container, CpuSet cpus) => this with
    {
        Shared = Shared.Except(cpus),
        Exclusive = Exclusive.SetItem(uid, Exclusive.GetValueOrDefault(uid, NoContainers).SetItem(container, cpus)),
    };

    /// <summary>Without those of a pod, which are everybody's again.</summary>
    public CpuAssignments Without(string uid) => !Exclusive.TryGetValue(uid, out var containers) ? this : this with
    {
        Shared = containers.Values.Aggregate(Shared, static (all, some) => all.Union(some)),
        Exclusive = Exclusive.Remove(uid),
    };
}
