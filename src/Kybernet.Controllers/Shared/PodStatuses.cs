using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers;

/// <summary>What a pod's status means to those that manage pods.</summary>
internal static class PodStatuses
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";
    public const string Unknown = "Unknown";
    public const string ReadyCondition = "Ready";

    /// <summary>Whether it neither has ended nor is about to.</summary>
    public static bool IsActive(this Pod pod) => !pod.IsTerminal() && pod.Metadata.DeletionTimestamp is null;

    /// <summary>Whether it has ended for good.</summary>
    public static bool IsTerminal(this Pod pod) => pod.Status.Phase is Succeeded or Failed;

    public static bool IsReady(this Pod pod) => pod.Condition(ReadyCondition)?.Status == ConditionStatus.True;

    /// <summary>Whether it has been ready for so long.</summary>
    public static bool IsAvailable(this Pod pod, int minReadySeconds, DateTimeOffset now) => pod.IsReady() && pod.AvailableIn(minReadySeconds, now) == TimeSpan.Zero;

    /// <summary>How long until a ready pod is available; null for one that is not ready.</summary>
    public static TimeSpan? AvailableIn(this Pod pod, int minReadySeconds, DateTimeOffset now)
    {
        if (pod.Condition(ReadyCondition) is not { Status: ConditionStatus.True } ready)
        {
            return null;
        }
        if (minReadySeconds == 0)
        {
            return TimeSpan.Zero;
        }
        if (ready.LastTransitionTime is not { } since)
        {
            return null;
        }
        var left = since + TimeSpan.FromSeconds(minReadySeconds) - now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public static PodCondition? Condition(this Pod pod, string type)
    {
        foreach (var condition in pod.Status.Conditions)
        {
            if (condition.Type == type)
            {
                return condition;
            }
        }
        return null;
    }
}

/// <summary>The values of a condition's status.</summary>
internal static class ConditionStatus
{
    public const string True = "True";
    public const string False = "False";
    public const string Unknown = "Unknown";
}
