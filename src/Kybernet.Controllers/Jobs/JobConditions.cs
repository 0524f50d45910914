using Kybernet.Api.Batch.V1;

namespace Kybernet.Controllers.Jobs;

/// <summary>Reads and replaces the conditions of a Job.</summary>
internal static class JobConditions
{
    public static JobCondition? Condition(this JobStatus status, string type) => status.Conditions.FirstOrDefault(condition => condition.Type == type);

    public static bool Has(this JobStatus status, string type) => status.Condition(type)?.Status == ConditionStatus.True;

    public static JobCondition New(string type, string status, string? reason, string? message, DateTimeOffset now) => new()
    {
        Type = type, Status = status, Reason = reason, Message = message, LastProbeTime = now, LastTransitionTime = now,
    };

    /// <summary>The status with a condition; the same where it says so already, or where something never was and is not.</summary>
    public static JobStatus With(this JobStatus status, JobCondition condition)
    {
        var known = status.Condition(condition.Type);
        var isSame = known is null
            ? condition.Status == ConditionStatus.False
            : known.Status == condition.Status && known.Reason == condition.Reason && known.Message == condition.Message;
        return isSame ? status : status with { Conditions = [.. status.Conditions.Where(other => other.Type != condition.Type), condition] };
    }
}
