using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;

namespace Kybernet.Kubelet.Resources;

/// <summary>How well a pod's resources are promised to it; decides its place in the cgroups and who is killed first.</summary>
internal static class QosClass
{
    public const string Guaranteed = "Guaranteed";
    public const string Burstable = "Burstable";
    public const string BestEffort = "BestEffort";

    /// <summary>The class of a pod, as its status says it or, before that, as its containers' resources have it.</summary>
    public static string Of(Pod pod)
    {
        if (pod.Status.QosClass is { Length: > 0 } known)
        {
            return known;
        }
        var any = false;
        var guaranteed = true;
        foreach (var (container, _) in PodContainers.InitAndApp(pod))
        {
            foreach (var resource in (string[])["cpu", "memory"])
            {
                var limit = Amount(container.Resources?.Limits, resource);
                var request = Amount(container.Resources?.Requests, resource) ?? limit;
                any |= limit is not null || request is not null;
                guaranteed &= limit is not null && request == limit;
            }
        }
        return !any ? BestEffort : guaranteed ? Guaranteed : Burstable;
    }

    private static Quantity? Amount(IReadOnlyDictionary<string, Quantity>? amounts, string resource) =>
        amounts is not null && amounts.TryGetValue(resource, out var amount) && !amount.IsZero ? amount : null;
}
