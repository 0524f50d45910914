using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler;

/// <summary>Tells whether a pod's status would change at all: a condition that says the same again is not written.</summary>
internal static class ConditionChange
{
    public static bool IsNeeded(Pod pod, PodCondition wanted, string? nominatedNode)
    {
        if (nominatedNode is not null && nominatedNode != (pod.Status.NominatedNodeName ?? ""))
        {
            return true;
        }
        return Find(pod, wanted.Type) is not { } current
            || current.Status != wanted.Status
            || current.Reason != wanted.Reason
            || current.Message != wanted.Message
            || current.ObservedGeneration != wanted.ObservedGeneration;
    }

    public static PodCondition? Find(Pod pod, string type)
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
