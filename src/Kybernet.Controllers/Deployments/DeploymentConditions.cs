using Kybernet.Api.Apps.V1;

namespace Kybernet.Controllers.Deployments;

/// <summary>Reads and replaces the conditions of a Deployment.</summary>
internal static class DeploymentConditions
{
    public static DeploymentCondition? Condition(this DeploymentStatus status, string type) =>
        status.Conditions.FirstOrDefault(condition => condition.Type == type);

    public static DeploymentCondition New(string type, string status, string reason, string message, DateTimeOffset now) => new()
    {
        Type = type,
        Status = status,
        Reason = reason,
        Message = message,
        LastUpdateTime = now,
        LastTransitionTime = now,
    };

    /// <summary>The status with a condition; one that says the same already stays as it is, and the time of the last transition goes by the condition's status.</summary>
    public static DeploymentStatus With(this DeploymentStatus status, DeploymentCondition condition)
    {
        var known = status.Condition(condition.Type);
        if (known is not null && known.Status == condition.Status && known.Reason == condition.Reason)
        {
            return status;
        }
        if (known is not null && known.Status == condition.Status)
        {
            condition = condition with { LastTransitionTime = known.LastTransitionTime };
        }
        return status with { Conditions = [.. status.Without(condition.Type).Conditions, condition] };
    }

    public static DeploymentStatus Without(this DeploymentStatus status, string type) =>
        status with { Conditions = [.. status.Conditions.Where(condition => condition.Type != type)] };
}
