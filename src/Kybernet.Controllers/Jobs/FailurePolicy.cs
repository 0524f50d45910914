using System.Globalization;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.Jobs;

/// <summary>What a Job's pod failure policy says of a pod that failed. The first rule that matches decides.</summary>
internal static class FailurePolicy
{
    public const string FailIndex = "FailIndex";
    private const string FailJob = "FailJob";
    private const string Ignore = "Ignore";

    /// <param name="Action">The action of the rule that matched; null where none did.</param>
    /// <param name="Message">Why the whole job fails; null where it does not.</param>
    public readonly record struct Verdict(string? Action, string? Message)
    {
        /// <summary>Whether the failure counts towards the back-off limit.</summary>
        public bool IsCounted => Action != Ignore;
    }

    public static Verdict Match(PodFailurePolicy? policy, Pod pod)
    {
        for (var i = 0; i < (policy?.Rules.Count ?? 0); i++)
        {
            var rule = policy!.Rules[i];
            if (Reason(rule, pod) is { } reason)
            {
                var message = string.Create(CultureInfo.InvariantCulture, $"{reason} matching {rule.Action} rule at index {i}");
                return new Verdict(rule.Action, rule.Action == FailJob ? message : null);
            }
        }
        return default;
    }

    private static string? Reason(PodFailurePolicyRule rule, Pod pod)
    {
        var subject = $"{pod.Metadata.Namespace}/{pod.Metadata.Name}";
        if (rule.OnExitCodes is { } codes)
        {
            return pod.Status.ContainerStatuses.Concat(pod.Status.InitContainerStatuses).FirstOrDefault(status => Matches(codes, status)) is { } container
                ? string.Create(CultureInfo.InvariantCulture, $"Container {container.Name} for pod {subject} failed with exit code {container.State!.Terminated!.ExitCode}")
                : null;
        }
        foreach (var condition in pod.Status.Conditions)
        {
            if (rule.OnPodConditions.Any(pattern => pattern.Type == condition.Type && (pattern.Status ?? ConditionStatus.True) == condition.Status))
            {
                return $"Pod {subject} has condition {condition.Type}";
            }
        }
        return null;
    }

    private static bool Matches(PodFailurePolicyOnExitCodesRequirement codes, ContainerStatus status) =>
        status.State?.Terminated is { ExitCode: not 0 and var code } && (codes.ContainerName is null || codes.ContainerName == status.Name)
        && codes.Values.Contains(code) == (codes.Operator == "In");
}
