using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Pods;

/// <summary>
/// Compares a pod with what the runtime has of it and says what to do next. A pure function: asked again after the deed, it says what comes then.
/// </summary>
internal sealed class PodPlanner(IProbeResults probes, NodeResources node)
{
    public PodPlan Plan(Pod pod, PodRuntimeState state)
    {
        var newest = state.Sandboxes.Count > 0 ? state.Sandboxes[0] : null;
        var isUsable = newest is { IsReady: true } && (newest.Addresses.Count > 0 || pod.Spec.HostNetwork == true)
            && state.Sandboxes.Count(sandbox => sandbox.IsReady) == 1;
        return isUsable ? PlanInSandbox(pod, state, newest!) : PlanNewSandbox(pod, state, newest);
    }

    /// <summary>Whether another instance of a container is to follow one that ended, or the first one.</summary>
    public static bool ShouldStart(Pod pod, PodContainer container, ContainerRecord? last) => last switch
    {
        null => true,
        { State: ContainerRunState.Running } => false,
        { State: ContainerRunState.Created or ContainerRunState.Unknown } => true,
        _ => RestartRules.Restarts(pod, container, last.ExitCode),
    };

    private static PodPlan PlanNewSandbox(Pod pod, PodRuntimeState state, SandboxRecord? newest)
    {
        var attempt = newest is null ? 0 : newest.Attempt + 1;
        var policy = pod.Spec.RestartPolicy ?? "Always";
        // Its sandbox died, and it may not be started again: it ends as its containers did.
        var isOver = policy == "Never" && attempt != 0 && state.Containers.Count != 0;
        var anyApp = pod.Spec.Containers.Any(container =>
            policy != "OnFailure" || state.Newest(container.Name) is not { State: ContainerRunState.Exited, ExitCode: 0 });
        if (isOver || !anyApp)
        {
            return new PodPlan { KillAll = true, Attempt = attempt };
        }
        // Whatever is left of the old one has to go first; containers follow once the sandbox is there and is looked at again.
        return new PodPlan { KillAll = newest is not null, CreateSandbox = true, Attempt = attempt };
    }

    private PodPlan PlanInSandbox(Pod pod, PodRuntimeState state, SandboxRecord sandbox)
    {
        var here = new PodRuntimeState(state.Sandboxes, state.Containers.Where(container => container.SandboxId == sandbox.Id).ToArray());
        var steps = new Steps([], [], []);
        foreach (var ephemeral in PodContainers.Ephemeral(pod))
        {
            if (ShouldStart(pod, ephemeral, here.Newest(ephemeral.Name)))
            {
                steps.ToStart.Add(ephemeral);
            }
        }

        var plan = new PodPlan { Sandbox = sandbox, Attempt = sandbox.Attempt, ToKill = steps.ToKill, ToStart = steps.ToStart, ToResize = steps.ToResize };
        switch (PlanInit(pod, here, steps))
        {
            case InitProgress.Failed:
                return plan with { KillAll = true, ToKill = [], ToStart = [], ToResize = [] };
            case InitProgress.Pending:
                return plan;
        }

        var kept = 0;
        foreach (var spec in pod.Spec.Containers)
        {
            var container = new PodContainer(spec, ContainerKind.App);
            var last = here.Newest(spec.Name);
            if (last is not { State: ContainerRunState.Running })
            {
                if (last is { State: ContainerRunState.Unknown })
                {
                    steps.ToKill.Add(new ContainerToKill(last, container, $"Container {spec.Name} is in unknown state, try killing it before restart"));
                }
                if (ShouldStart(pod, container, last))
                {
                    steps.ToStart.Add(container);
                }
                continue;
            }
            // One that is not replaced at once is started when the runtime shows it as ended, with the back-off that is due.
            if (PlanRunning(pod, container, last, steps) is not { IsReplaced: false } || RestartRules.PolicyOf(pod, container) != "Never")
            {
                kept++;
            }
        }
        // All of the pod's own containers are over; sidecars are not waited for.
        var isOver = kept == 0 && steps.ToStart.All(container => container.Kind == ContainerKind.Ephemeral || container.IsSidecar);
        return isOver && steps.ToKill.Count == 0 ? plan with { KillAll = true, ToStart = [] } : plan;
    }

    // Why it is killed; null where it goes on.
    private ContainerToKill? PlanRunning(Pod pod, PodContainer container, ContainerRecord running, Steps steps)
    {
        var resize = ContainerResize.Find(pod, container, running, node);
        var kill = WhyKill(pod, container, running)
            ?? (resize == ResizeStep.Restart
                ? new ContainerToKill(running, container, $"Container {container.Name} resize requires restart") { IsReplaced = true }
                : null);
        if (kill is not null)
        {
            steps.ToKill.Add(kill);
            if (kill.IsReplaced)
            {
                steps.ToStart.Add(container);
            }
        }
        else if (resize == ResizeStep.InPlace)
        {
            steps.ToResize.Add(new ContainerToResize(running, container));
        }
        return kill;
    }

    private InitProgress PlanInit(Pod pod, PodRuntimeState here, Steps steps)
    {
        var isInitialized = pod.Spec.Containers.Any(container => here.Newest(container.Name) is not null);
        foreach (var spec in pod.Spec.InitContainers)
        {
            var container = new PodContainer(spec, ContainerKind.Init);
            var last = here.Newest(spec.Name);
            if (container.IsSidecar)
            {
                if (!PlanSidecar(pod, container, last, steps) && !isInitialized)
                {
                    return InitProgress.Pending;
                }
                continue;
            }
            if (isInitialized || last is { State: ContainerRunState.Exited, ExitCode: 0 })
            {
                continue;
            }
            if (last is { State: ContainerRunState.Exited } && !RestartRules.Restarts(pod, container, last.ExitCode))
            {
                return InitProgress.Failed;
            }
            if (last is { State: ContainerRunState.Running })
            {
                return InitProgress.Pending;
            }
            steps.ToStart.Add(container);
            return InitProgress.Pending;
        }
        return InitProgress.Done;
    }

    // Whether it is up, so that what comes after it may start.
    private bool PlanSidecar(Pod pod, PodContainer container, ContainerRecord? last, Steps steps)
    {
        if (last is not { State: ContainerRunState.Running })
        {
            steps.ToStart.Add(container);
            return false;
        }
        if (PlanRunning(pod, container, last, steps) is not null)
        {
            return false;
        }
        return probes.IsStarted(pod.Metadata.Uid ?? "", container.Container, last.Id);
    }

    private ContainerToKill? WhyKill(Pod pod, PodContainer container, ContainerRecord running)
    {
        var spec = container.Container;
        var uid = pod.Metadata.Uid ?? "";
        if (running.Annotations.TryGetValue(RuntimeLabels.Hash, out var hash) && hash != ContainerConfigBuilder.HashOf(spec))
        {
            return new ContainerToKill(running, container, $"Container {spec.Name} definition changed, will be restarted") { IsReplaced = true };
        }
        if (probes.HasFailedLiveness(uid, spec, running.Id))
        {
            return new ContainerToKill(running, container, $"Container {spec.Name} failed liveness probe{WillRestart(pod, container)}", spec.LivenessProbe?.TerminationGracePeriodSeconds);
        }
        return probes.HasFailedStartup(uid, spec, running.Id)
            ? new ContainerToKill(running, container, $"Container {spec.Name} failed startup probe{WillRestart(pod, container)}", spec.StartupProbe?.TerminationGracePeriodSeconds)
            : null;
    }

    private static string WillRestart(Pod pod, PodContainer container) => RestartRules.PolicyOf(pod, container) == "Never" ? "" : ", will be restarted";

    private sealed record Steps(List<ContainerToKill> ToKill, List<PodContainer> ToStart, List<ContainerToResize> ToResize);

    private enum InitProgress
    {
        Done,
        Pending,
        Failed,
    }
}
