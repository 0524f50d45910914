using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;

namespace Kybernet.Kubelet.Pods;

/// <summary>Decides whether a container that ended is started again.</summary>
internal static class RestartRules
{
    /// <summary>Whether another instance follows one that ended with an exit code: the first of its rules that fits says so, else its policy.</summary>
    public static bool Restarts(Pod pod, PodContainer container, int exitCode)
    {
        foreach (var rule in container.Container.RestartPolicyRules)
        {
            if (Fits(rule, exitCode))
            {
                return rule.Action == "Restart";
            }
        }
        return PolicyOf(pod, container) switch
        {
            "Never" => false,
            "OnFailure" => exitCode != 0,
            _ => true,
        };
    }

    /// <summary>A container's own restart policy where it has one, else its pod's; ephemeral ones never run again, init ones not after success.</summary>
    public static string PolicyOf(Pod pod, PodContainer container)
    {
        if (container.Kind == ContainerKind.Ephemeral)
        {
            return "Never";
        }
        var policy = container.Container.RestartPolicy is { Length: > 0 } own ? own : pod.Spec.RestartPolicy ?? "Always";
        return container is { Kind: ContainerKind.Init, IsSidecar: false } && policy == "Always" ? "OnFailure" : policy;
    }

    private static bool Fits(ContainerRestartRule rule, int exitCode) => rule.ExitCodes is { } codes && codes.Operator switch
    {
        "In" => codes.Values.Contains(exitCode),
        "NotIn" => !codes.Values.Contains(exitCode),
        _ => false,
    };
}
