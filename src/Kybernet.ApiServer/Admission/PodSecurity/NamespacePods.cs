using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Storage;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>Looks at the pods that a namespace has already when more is asked of them: they run on, and who asks is told which would no longer be let in.</summary>
internal sealed class NamespacePods(StoreFollower follower, PodSecurityConfiguration configuration, TimeProvider time)
{
    private const int MaxPods = 3000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ResourceCache _pods = follower.Cache(new GroupResource("", "pods"));

    /// <summary>What to tell.</summary>
    public List<string> Warnings(string @namespace, LevelVersion enforced)
    {
        var began = time.GetTimestamp();
        var pods = Prioritized(@namespace);
        var byProblem = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var looked = 0;
        while (looked < pods.Count && looked < MaxPods && time.GetElapsedTime(began) < Patience)
        {
            var pod = pods[looked++].As<Pod>();
            if (CheckFailure.Summarize(PodSecurityStandards.Evaluate(enforced, new CheckedPod(pod.Metadata, pod.Spec))) is { Length: > 0 } problem)
            {
                (byProblem.TryGetValue(problem, out var names) ? names : byProblem[problem] = []).Add(pod.Metadata.Name ?? "");
            }
        }
        var warnings = new List<string>();
        if (looked < pods.Count)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"new PodSecurity enforce level only checked against the first {looked} of {pods.Count} existing pods"));
        }
        if (byProblem.Count > 0)
        {
            warnings.Add($"existing pods in namespace \"{@namespace}\" violate the new PodSecurity enforce level \"{enforced}\"");
        }
        warnings.AddRange(byProblem.Select(static found => $"{Describe(found.Value)}: {found.Key}").Order(StringComparer.Ordinal));
        return warnings;
    }

    // One pod of each controller comes first: the others of its are most likely like it.
    private List<EncodedObject> Prioritized(string @namespace)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (first, rest) = (new List<EncodedObject>(), new List<EncodedObject>());
        foreach (var (_, item) in _pods.Snapshot.Items)
        {
            if (item.Key.Namespace != @namespace || (item.As<Pod>().Spec.RuntimeClassName is { } runtimeClass && configuration.ExemptRuntimeClasses.Contains(runtimeClass)))
            {
                continue;
            }
            var owner = item.As<Pod>().Metadata.OwnerReferences.FirstOrDefault(static owner => owner.Controller == true)?.Uid;
            (owner is null || seen.Add(owner) ? first : rest).Add(item);
        }
        return [.. first, .. rest];
    }

    private static string Describe(List<string> names)
    {
        var name = names.Min(StringComparer.Ordinal);
        return names.Count switch
        {
            1 => name!,
            2 => $"{name} (and 1 other pod)",
            var count => string.Create(CultureInfo.InvariantCulture, $"{name} (and {count - 1} other pods)"),
        };
    }
}
