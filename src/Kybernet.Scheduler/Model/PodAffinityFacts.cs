using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Model;

/// <summary>One term of a pod's affinity to, or anti-affinity from, other pods; compiled.</summary>
/// <param name="TopologyKey">The interned node label that says what counts as the same place.</param>
/// <param name="Selector">Which pods are meant; null for none.</param>
/// <param name="Namespaces">In which namespaces.</param>
/// <param name="NamespaceSelector">In which namespaces besides, by their labels; null for none, everything for all.</param>
/// <param name="Weight">How much it counts, where it is a preference.</param>
internal sealed record AffinityTerm(int TopologyKey, PodSelector? Selector, string[] Namespaces, PodSelector? NamespaceSelector, long Weight)
{
    /// <summary>What it says, in a form of its own: equal terms have equal texts.</summary>
    public string Text { get; } = $"{TopologyKey}|{Weight}|{Selector?.Text ?? "-"}|{string.Join(',', Namespaces)}|{NamespaceSelector?.Text ?? "-"}";

    /// <summary>Whether a pod is meant.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="namespaceLabels">The labels of its namespace.</param>
    public bool Matches(PodFacts pod, Func<string, IReadOnlyDictionary<string, string>> namespaceLabels)
    {
        if (Selector is null)
        {
            return false;
        }
        var inNamespace = Array.IndexOf(Namespaces, pod.Key.Namespace) >= 0
            || (NamespaceSelector is { } selector && (selector.IsEverything || selector.Matches(namespaceLabels(pod.Key.Namespace))));
        return inNamespace && Selector.Matches(pod.Labels);
    }
}

/// <summary>Near which pods a pod has to run or would like to, and away from which; compiled.</summary>
internal sealed class PodAffinityFacts
{
    private PodAffinityFacts(Pod pod, PodAffinity? affinity, PodAntiAffinity? anti, Interner interner)
    {
        Required = Compile(pod, affinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [], interner);
        RequiredAnti = Compile(pod, anti?.RequiredDuringSchedulingIgnoredDuringExecution ?? [], interner);
        Preferred = Compile(pod, affinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? [], interner);
        PreferredAnti = Compile(pod, anti?.PreferredDuringSchedulingIgnoredDuringExecution ?? [], interner);
    }

    public AffinityTerm[] Required { get; }

    public AffinityTerm[] RequiredAnti { get; }

    public AffinityTerm[] Preferred { get; }

    public AffinityTerm[] PreferredAnti { get; }

    /// <summary>Compiles what a pod says; null where it says nothing.</summary>
    public static PodAffinityFacts? Of(Pod pod, Interner interner) =>
        pod.Spec.Affinity is { } affinity && (affinity.PodAffinity is not null || affinity.PodAntiAffinity is not null)
            ? new PodAffinityFacts(pod, affinity.PodAffinity, affinity.PodAntiAffinity, interner)
            : null;

    private static AffinityTerm[] Compile(Pod pod, IReadOnlyList<PodAffinityTerm> terms, Interner interner)
    {
        var compiled = new AffinityTerm[terms.Count];
        for (var i = 0; i < compiled.Length; i++)
        {
            compiled[i] = Compile(pod, terms[i], 0, interner);
        }
        return compiled;
    }

    private static AffinityTerm[] Compile(Pod pod, IReadOnlyList<WeightedPodAffinityTerm> terms, Interner interner)
    {
        var compiled = new AffinityTerm[terms.Count];
        for (var i = 0; i < compiled.Length; i++)
        {
            compiled[i] = Compile(pod, terms[i].PodAffinityTerm, terms[i].Weight, interner);
        }
        return compiled;
    }

    // The API server folds matchLabelKeys into the selector when the pod is made; doing so again here changes nothing for such pods.
    private static AffinityTerm Compile(Pod pod, PodAffinityTerm term, long weight, Interner interner)
    {
        var selector = PodSelector.Of(term.LabelSelector);
        foreach (var key in term.MatchLabelKeys)
        {
            if (pod.Metadata.Labels.TryGetValue(key, out var value))
            {
                selector = selector?.And(new Dictionary<string, string>(StringComparer.Ordinal) { [key] = value });
            }
        }
        foreach (var key in term.MismatchLabelKeys)
        {
            if (pod.Metadata.Labels.TryGetValue(key, out var value))
            {
                selector = selector?.AndNot(key, value);
            }
        }
        string[] namespaces = term.Namespaces.Count == 0 && term.NamespaceSelector is null ? [pod.Metadata.Namespace ?? ""] : [.. term.Namespaces];
        return new AffinityTerm(interner.Intern(term.TopologyKey), selector, namespaces, PodSelector.Of(term.NamespaceSelector), weight);
    }
}
