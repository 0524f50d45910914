using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Pods;

/// <summary>Works out a pod's conditions.</summary>
internal static class PodConditions
{
    /// <summary>The kubelet's conditions, then everybody else's as they are.</summary>
    public static IReadOnlyList<PodCondition> Build(
        Pod pod, string phase, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> app, bool hasSandbox,
        IEnumerable<PodCondition> resize, DateTimeOffset now)
    {
        var containersReady = ContainersReady(phase, SidecarsOf(pod, init).Concat(app));
        var wanted = new List<PodCondition>
        {
            new() { Type = PodConditionTypes.ReadyToStartContainers, Status = hasSandbox ? "True" : "False" },
            Initialized(pod, phase, init, app),
            Ready(pod, containersReady),
            containersReady,
            new() { Type = PodConditionTypes.Scheduled, Status = "True" },
        };
        wanted.AddRange(resize);
        var result = new List<PodCondition>();
        foreach (var condition in wanted)
        {
            var old = Find(pod, condition.Type);
            result.Add(condition with
            {
                LastTransitionTime = old is not null && old.Status == condition.Status ? old.LastTransitionTime : now,
                ObservedGeneration = pod.Metadata.Generation,
            });
        }
        result.AddRange(pod.Status.Conditions.Where(condition => !PodConditionTypes.IsOwned(condition.Type)));
        return result;
    }

    /// <summary>The pod with the condition that says that the kubelet ended it.</summary>
    public static Pod WithDisruption(Pod pod, string message, DateTimeOffset now) => Find(pod, PodConditionTypes.DisruptionTarget) is not null ? pod : pod with
    {
        Status = pod.Status with
        {
            Conditions =
            [
                .. pod.Status.Conditions,
                new PodCondition
                {
                    Type = PodConditionTypes.DisruptionTarget, Status = "True", Reason = "TerminationByKubelet", Message = message, LastTransitionTime = now,
                },
            ],
        },
    };

    private static PodCondition? Find(Pod pod, string type)
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

    private static IEnumerable<ContainerStatus> SidecarsOf(Pod pod, IReadOnlyList<ContainerStatus> init)
    {
        for (var i = 0; i < init.Count; i++)
        {
            if (pod.Spec.InitContainers[i].RestartPolicy == "Always")
            {
                yield return init[i];
            }
        }
    }

    private static PodCondition Initialized(Pod pod, string phase, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> app)
    {
        var incomplete = new List<string>();
        // Once one of its own containers ran they were all complete, whatever became of their records.
        var hasStarted = app.Any(status => status.State?.Running is not null || status.State?.Terminated is not null || status.LastState?.Terminated is not null);
        for (var i = 0; i < init.Count && !hasStarted; i++)
        {
            var isComplete = pod.Spec.InitContainers[i].RestartPolicy == "Always" ? init[i].Started == true : init[i].Ready;
            if (!isComplete)
            {
                incomplete.Add(init[i].Name);
            }
        }
        if (phase == PodPhase.Succeeded)
        {
            return new PodCondition { Type = PodConditionTypes.Initialized, Status = "True", Reason = "PodCompleted" };
        }
        return incomplete.Count == 0
            ? new PodCondition { Type = PodConditionTypes.Initialized, Status = "True" }
            : new PodCondition
            {
                Type = PodConditionTypes.Initialized,
                Status = "False",
                Reason = "ContainersNotInitialized",
                Message = $"containers with incomplete status: [{string.Join(' ', incomplete)}]",
            };
    }

    private static PodCondition ContainersReady(string phase, IEnumerable<ContainerStatus> statuses)
    {
        if (PodPhase.IsFinal(phase))
        {
            return new PodCondition
            {
                Type = PodConditionTypes.ContainersReady,
                Status = "False",
                Reason = phase == PodPhase.Succeeded ? "PodCompleted" : "PodFailed",
            };
        }
        var unready = statuses.Where(status => !status.Ready).Select(status => status.Name).ToArray();
        return unready.Length == 0
            ? new PodCondition { Type = PodConditionTypes.ContainersReady, Status = "True" }
            : new PodCondition
            {
                Type = PodConditionTypes.ContainersReady,
                Status = "False",
                Reason = "ContainersNotReady",
                Message = $"containers with unready status: [{string.Join(' ', unready)}]",
            };
    }

    private static PodCondition Ready(Pod pod, PodCondition containersReady)
    {
        if (containersReady.Status != "True")
        {
            return containersReady with { Type = PodConditionTypes.Ready };
        }
        var messages = new List<string>();
        foreach (var gate in pod.Spec.ReadinessGates)
        {
            if (Find(pod, gate.ConditionType) is not { } condition)
            {
                messages.Add($"corresponding condition of pod readiness gate \"{gate.ConditionType}\" does not exist.");
            }
            else if (condition.Status != "True")
            {
                messages.Add($"the status of pod readiness gate \"{gate.ConditionType}\" is not \"True\", but {condition.Status}");
            }
        }
        return messages.Count == 0
            ? new PodCondition { Type = PodConditionTypes.Ready, Status = "True" }
            : new PodCondition { Type = PodConditionTypes.Ready, Status = "False", Reason = "ReadinessGatesNotReady", Message = string.Join(", ", messages) };
    }
}
