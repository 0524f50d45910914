using Kybernet.Api.Autoscaling.V2;

namespace Kybernet.Controllers.HorizontalPodAutoscalers;

/// <summary>The conditions of an autoscaler.</summary>
internal static class AutoscalerConditions
{
    public const string AbleToScale = "AbleToScale";
    public const string ScalingActive = "ScalingActive";
    public const string ScalingLimited = "ScalingLimited";

    /// <summary>The status with a condition, in the place of one of its type; its time goes by its status.</summary>
    public static HorizontalPodAutoscalerStatus With(
        this HorizontalPodAutoscalerStatus status, string type, string value, string reason, string message, DateTimeOffset now)
    {
        var known = status.Conditions.FirstOrDefault(condition => condition.Type == type);
        var condition = new HorizontalPodAutoscalerCondition
        {
            Type = type,
            Status = value,
            Reason = reason,
            Message = message,
            LastTransitionTime = known?.Status == value ? known.LastTransitionTime : now,
        };
        return status with
        {
            Conditions = known is null
                ? [.. status.Conditions, condition]
                : [.. status.Conditions.Select(other => ReferenceEquals(other, known) ? condition : other)],
        };
    }
}
