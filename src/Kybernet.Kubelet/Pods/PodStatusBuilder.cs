using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Pods;

/// <summary>Why a container waits.</summary>
internal readonly record struct StartProblem(string Reason, string Message);

/// <summary>What a pod's status is made from, besides the pod.</summary>
/// <param name="State">What the runtime has of it.</param>
/// <param name="Problems">Why containers, by name, could not be started.</param>
/// <param name="IsOver">Whether nothing of it runs any more, nor will.</param>
/// <param name="Ending">The reason and message where it was ended by the kubelet: a deadline that passed; null otherwise.</param>
/// <param name="Resize">How far a change of its resources is.</param>
internal sealed record StatusInputs(PodRuntimeState State, IReadOnlyDictionary<string, StartProblem> Problems, bool IsOver, StartProblem? Ending, ResizeState Resize);

/// <summary>Says in the API's words how a pod is.</summary>
internal sealed class PodStatusBuilder(PodServices services, IProbeResults probes)
{
    private const int LostExitCode = 137;

    public PodStatus Build(Pod pod, StatusInputs inputs)
    {
        var now = services.Time.GetUtcNow();
        var init = pod.Spec.InitContainers.Select((container, i) =>
            Status(pod, new PodContainer(container, ContainerKind.Init), inputs, Old(pod.Status.InitContainerStatuses, container.Name))).ToArray();
        var app = pod.Spec.Containers.Select(container =>
            Status(pod, new PodContainer(container, ContainerKind.App), inputs, Old(pod.Status.ContainerStatuses, container.Name))).ToArray();
        var ephemeral = PodContainers.Ephemeral(pod).Select(container =>
            Status(pod, container, inputs, Old(pod.Status.EphemeralContainerStatuses, container.Name))).ToArray();

        var phase = PodPhase.Of(pod, init, app, inputs.IsOver);
        if (inputs.Ending is not null && inputs.IsOver)
        {
            phase = PodPhase.Failed;
        }
        // What ended stays ended, whatever the runtime has forgotten since.
        phase = PodPhase.IsFinal(pod.Status.Phase) ? pod.Status.Phase! : PodPhase.IsFinal(phase) && inputs.State.IsAnyRunning ? PodPhase.Running : phase;

        var sandbox = inputs.State.Sandboxes is [{ IsReady: true } ready, ..] ? ready : null;
        var addresses = services.AddressesOf(pod, sandbox).Pod;
        if (addresses.Count == 0 && (PodPhase.IsFinal(phase) || pod.Metadata.DeletionTimestamp is not null))
        {
            addresses = pod.Status.PodIPs.Select(address => address.Ip).ToArray();
        }
        return new PodStatus
        {
            ObservedGeneration = pod.Metadata.Generation,
            Phase = phase,
            Conditions = PodConditions.Build(
                pod,
                phase,
                init,
                app,
                sandbox is not null && addresses.Count > 0,
                inputs.IsOver ? [] : ResizeConditions.Build(inputs.Resize, IsAnyChanging(pod, inputs.State)),
                now),
            Reason = inputs.Ending?.Reason ?? pod.Status.Reason,
            Message = inputs.Ending?.Message ?? pod.Status.Message,
            NominatedNodeName = pod.Status.NominatedNodeName,
            HostIP = services.Options.NodeIP,
            HostIPs = [new HostIP { Ip = services.Options.NodeIP }],
            PodIP = addresses.Count > 0 ? addresses[0] : null,
            PodIPs = addresses.Select(address => new PodIP { Ip = address }).ToArray(),
            StartTime = pod.Status.StartTime ?? now,
            InitContainerStatuses = init,
            ContainerStatuses = app,
            EphemeralContainerStatuses = ephemeral,
            QosClass = QosClass.Of(pod),
            Resources = pod.Spec.Resources,
            AllocatedResources = pod.Spec.Resources?.Requests ?? new Dictionary<string, Api.Quantity>(),
        };
    }

    private bool IsAnyChanging(Pod pod, PodRuntimeState state) => PodContainers.InitAndApp(pod)
        .Any(container => state.Newest(container.Name) is { } newest && IsChanging(pod, container, newest));

    private bool IsChanging(Pod pod, PodContainer container, ContainerRecord newest) =>
        newest.State == ContainerRunState.Running && ContainerResize.Find(pod, container, newest, services.Node) != ResizeStep.None;

    private static ContainerStatus? Old(IReadOnlyList<ContainerStatus> statuses, string name)
    {
        foreach (var status in statuses)
        {
            if (status.Name == name)
            {
                return status;
            }
        }
        return null;
    }

    private ContainerStatus Status(Pod pod, PodContainer container, StatusInputs inputs, ContainerStatus? old)
    {
        var uid = pod.Metadata.Uid ?? "";
        var newest = inputs.State.Newest(container.Name);
        if (newest is null || newest.State == ContainerRunState.Created)
        {
            return WithoutInstance(pod, container, inputs, old, newest);
        }
        var isRunning = newest.State == ContainerRunState.Running;
        var isStarted = isRunning && probes.IsStarted(uid, container.Container, newest.Id);
        var ended = isRunning ? null : Terminated(pod, newest);
        var state = isRunning ? new ContainerState { Running = new ContainerStateRunning { StartedAt = newest.StartedAt } } : new ContainerState { Terminated = ended };
        var previous = inputs.State.Previous(container.Name) is { State: not ContainerRunState.Created } before
            ? new ContainerState { Terminated = Terminated(pod, before) }
            : old?.RestartCount == newest.RestartCount && newest.RestartCount > 0 ? old.LastState : null;

        // Ended and to be started again, only not yet: the end is its last state.
        if (ended is not null && !inputs.IsOver && inputs.Problems.TryGetValue(container.Name, out var problem) && PodPlanner.ShouldStart(pod, container, newest))
        {
            previous = state;
            state = new ContainerState { Waiting = new ContainerStateWaiting { Reason = problem.Reason, Message = problem.Message } };
        }
        var isReady = container.Kind switch
        {
            ContainerKind.Init when !container.IsSidecar => state.Terminated is { ExitCode: 0 },
            ContainerKind.Ephemeral => false,
            _ => isStarted && probes.IsReady(uid, container.Container, newest.Id),
        };
        return new ContainerStatus
        {
            Name = container.Name,
            Image = newest.Image.Length > 0 && !newest.Image.StartsWith("sha256:", StringComparison.Ordinal) ? newest.Image : container.Container.Image ?? "",
            ImageID = newest.ImageRef,
            ContainerID = ContainerIds.Of(newest),
            RestartCount = newest.RestartCount,
            Ready = isReady,
            Started = isStarted,
            State = state,
            LastState = previous,
            AllocatedResources = container.Container.Resources?.Requests ?? new Dictionary<string, Api.Quantity>(),
            Resources = IsChanging(pod, container, newest) ? ContainerResize.InForce(pod, container, newest) ?? container.Container.Resources : container.Container.Resources,
            User = UserOf(container),
            VolumeMounts = Mounts(container),
        };
    }

    private static ContainerStatus WithoutInstance(
        Pod pod, PodContainer container, StatusInputs inputs, ContainerStatus? old, ContainerRecord? created)
    {
        var waiting = inputs.Problems.TryGetValue(container.Name, out var problem)
            ? new ContainerStateWaiting { Reason = problem.Reason, Message = problem.Message }
            : new ContainerStateWaiting
            {
                Reason = pod.Spec.InitContainers.Count > 0 && !(container.Kind == ContainerKind.Init && pod.Spec.InitContainers[0].Name == container.Name)
                    ? "PodInitializing"
                    : "ContainerCreating",
            };
        var state = new ContainerState { Waiting = waiting };
        var last = old?.LastState;
        if (created is null && old?.State is { } before && (before.Terminated is not null || before.Running is not null))
        {
            // The runtime has lost what the API server knows to have run.
            var ended = before.Terminated ?? new ContainerStateTerminated
            {
                ExitCode = LostExitCode,
                Reason = "ContainerStatusUnknown",
                Message = "The container could not be located when the pod was terminated",
            };
            (state, last) = inputs.IsOver || !RestartRules.Restarts(pod, container, ended.ExitCode)
                ? (new ContainerState { Terminated = ended }, last)
                : (state, new ContainerState { Terminated = ended });
        }
        return new ContainerStatus
        {
            Name = container.Name,
            Image = container.Container.Image ?? "",
            ImageID = old?.ImageID ?? "",
            ContainerID = old?.ContainerID,
            RestartCount = created?.RestartCount ?? old?.RestartCount ?? 0,
            Ready = container.Kind == ContainerKind.Init && !container.IsSidecar && state.Terminated is { ExitCode: 0 },
            Started = false,
            State = state,
            LastState = last,
            VolumeMounts = Mounts(container),
        };
    }

    private ContainerStateTerminated Terminated(Pod pod, ContainerRecord record) => new()
    {
        ExitCode = record.ExitCode,
        Reason = record.Reason.Length > 0 ? record.Reason : record.ExitCode == 0 ? "Completed" : "Error",
        Message = TerminationMessages.Read(record, services.Paths.TerminationMessage(pod.Metadata.Uid ?? "", record.Name, record.RestartCount)) is { Length: > 0 } left
            ? left
            : record.Message.Length > 0 ? record.Message : null,
        // One that could not even be started has the beginning of time, as upstream has it.
        StartedAt = record.StartedAt ?? DateTimeOffset.UnixEpoch,
        FinishedAt = record.FinishedAt,
        ContainerID = ContainerIds.Of(record),
    };

    private static ContainerUser? UserOf(PodContainer container) => container.Container.SecurityContext is { RunAsUser: { } user, RunAsGroup: { } group }
        ? new ContainerUser { Linux = new LinuxContainerUser { Uid = user, Gid = group, SupplementalGroups = [group] } }
        : null;

    private static VolumeMountStatus[] Mounts(PodContainer container) => container.Container.VolumeMounts
        .Select(mount => new VolumeMountStatus
        {
            Name = mount.Name,
            MountPath = mount.MountPath,
            ReadOnly = mount.ReadOnly == true ? true : null,
            RecursiveReadOnly = mount.ReadOnly == true ? "Disabled" : null,
        })
        .ToArray();
}
