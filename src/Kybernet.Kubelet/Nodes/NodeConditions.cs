using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Nodes;

/// <summary>What the node's conditions are worked out from.</summary>
/// <param name="Health">How the runtime is; null where it does not answer.</param>
/// <param name="RuntimeProblem">Why it does not.</param>
/// <param name="HasMemoryPressure">Whether memory is short.</param>
/// <param name="HasDiskPressure">Whether disk space is.</param>
/// <param name="HasPidPressure">Whether process numbers are.</param>
internal sealed record NodeObservation(RuntimeHealth? Health, string RuntimeProblem, bool HasMemoryPressure, bool HasDiskPressure, bool HasPidPressure)
{
    /// <summary>Whether the machine is shutting down.</summary>
    public bool IsShuttingDown { get; init; }
}

/// <summary>Works out the conditions of the node.</summary>
internal static class NodeConditions
{
    public static IReadOnlyList<NodeCondition> Build(IReadOnlyList<NodeCondition> old, NodeObservation observation, DateTimeOffset now)
    {
        NodeCondition[] wanted =
        [
            Pressure("MemoryPressure", observation.HasMemoryPressure, "KubeletHasInsufficientMemory", "kubelet has insufficient memory available", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            Pressure("DiskPressure", observation.HasDiskPressure, "KubeletHasDiskPressure", "kubelet has disk pressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            Pressure("PIDPressure", observation.HasPidPressure, "KubeletHasInsufficientPID", "kubelet has insufficient PID available", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            Ready(observation),
        ];
        var result = new List<NodeCondition>();
        foreach (var condition in wanted)
        {
            var before = old.FirstOrDefault(other => other.Type == condition.Type);
            result.Add(condition with
            {
                LastHeartbeatTime = now,
                LastTransitionTime = before is not null && before.Status == condition.Status ? before.LastTransitionTime : now,
            });
        }
        // Others' conditions, such as NetworkUnavailable, are theirs.
        result.InsertRange(0, old.Where(other => wanted.All(condition => condition.Type != other.Type)));
        return result;
    }

    private static NodeCondition Pressure(string type, bool isOn, string onReason, string onMessage, string offReason, string offMessage) => isOn
        ? new NodeCondition { Type = type, Status = "True", Reason = onReason, Message = onMessage }
        : new NodeCondition { Type = type, Status = "False", Reason = offReason, Message = offMessage };

    private static NodeCondition Ready(NodeObservation observation)
    {
        var problem = observation.Health switch
        {
            null => $"container runtime is down: {observation.RuntimeProblem}",
            { Problem: { } runtime } => $"container runtime not ready: {runtime}",
            { NetworkProblem: { } network } => $"container runtime network not ready: {network}",
            _ => null,
        };
        const string shuttingDown = "node is shutting down";
        problem = (problem, observation.IsShuttingDown) switch
        {
            (null, true) => shuttingDown,
            ({ } other, true) => $"[{other}, {shuttingDown}]",
            _ => problem,
        };
        return problem is null
            ? new NodeCondition { Type = "Ready", Status = "True", Reason = "KubeletReady", Message = "kubelet is posting ready status" }
            : new NodeCondition { Type = "Ready", Status = "False", Reason = "KubeletNotReady", Message = problem };
    }
}
