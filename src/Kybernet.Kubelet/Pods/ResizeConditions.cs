using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Pods;

/// <summary>The conditions that a pod has only while its resources change.</summary>
internal static class ResizeConditions
{
    /// <param name="state">How far the change is.</param>
    /// <param name="isAnyChanging">Whether a container has others than it was given.</param>
    public static IEnumerable<PodCondition> Build(ResizeState state, bool isAnyChanging)
    {
        if (state.Refusal is { } refusal)
        {
            yield return new PodCondition
            {
                Type = PodConditionTypes.ResizePending, Status = "True", Reason = refusal.Reason, Message = refusal.Message,
            };
        }
        if (isAnyChanging || state.IsUnsettled)
        {
            yield return state.Error.Length == 0
                ? new PodCondition { Type = PodConditionTypes.ResizeInProgress, Status = "True" }
                : new PodCondition { Type = PodConditionTypes.ResizeInProgress, Status = "True", Reason = "Error", Message = state.Error };
        }
    }
}
