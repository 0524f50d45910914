using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers;

/// <summary>The condition that tells why a pod is ended by the system rather than by itself.</summary>
internal static class PodDisruption
{
    private const string Type = "DisruptionTarget";

    public static PodStatus With(PodStatus status, string reason, string message, DateTimeOffset now)
    {
        var condition = new PodCondition { Type = Type, Status = ConditionStatus.True, Reason = reason, Message = message, LastTransitionTime = now };
        return status with { Conditions = [.. status.Conditions.Where(static known => known.Type != Type), condition] };
    }
}
