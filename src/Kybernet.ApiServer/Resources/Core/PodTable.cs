using System.Globalization;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Times;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>How pods are shown: one word for the state that all their containers come to.</summary>
internal static class PodTable
{
    private const string None = "<none>";

    public static TableDefinition Definition { get; } = new TableBuilder<Summary>(static item => new(item.As<Pod>()), static row => row.Pod.Metadata)
        .Name()
        .Text(
            "Ready", "The aggregate readiness state of this pod for accepting traffic.",
            static row => string.Create(CultureInfo.InvariantCulture, $"{row.Ready}/{row.Total}"))
        .Text("Status", "The aggregate status of the containers in this pod.", static row => row.Reason)
        .Text("Restarts", "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.", Restarts)
        .Age()
        .Text(
            "IP", "The address of the pod in the pod network.",
            static row => row.Pod.Status.PodIPs.Count > 0 ? row.Pod.Status.PodIPs[0].Ip : OrNone(row.Pod.Status.PodIP), wide: true)
        .Text("Node", "The node that the pod runs on.", static row => OrNone(row.Pod.Spec.NodeName), wide: true)
        .Text("Nominated Node", "The node that room is being made on for the pod.", static row => OrNone(row.Pod.Status.NominatedNodeName), wide: true)
        .Text("Readiness Gates", "How many of the pod's readiness gates are open.", static row => Gates(row.Pod), wide: true)
        .Build();

    private static string Restarts(Summary row, DateTimeOffset now) => row.Restarts > 0 && row.LastRestart is { } last
        ? string.Create(CultureInfo.InvariantCulture, $"{row.Restarts} ({HumanDuration.Format(now - last)} ago)")
        : row.Restarts.ToString(CultureInfo.InvariantCulture);

    private static string OrNone(string? text) => string.IsNullOrEmpty(text) ? None : text;

    private static string Gates(Pod pod)
    {
        var gates = pod.Spec.ReadinessGates;
        if (gates.Count == 0)
        {
            return None;
        }
        var open = gates.Count(gate => pod.Status.Conditions.Any(condition => condition.Type == gate.ConditionType && condition.Status == "True"));
        return string.Create(CultureInfo.InvariantCulture, $"{open}/{gates.Count}");
    }

    /// <summary>What the statuses of the containers come to.</summary>
    private sealed class Summary
    {
        public Summary(Pod pod)
        {
            Pod = pod;
            Total = pod.Spec.Containers.Count + pod.Spec.InitContainers.Count(container => container.RestartPolicy == "Always");
            Reason = string.IsNullOrEmpty(pod.Status.Reason) ? pod.Status.Phase ?? "" : pod.Status.Reason;
            if (pod.Status.Conditions.Any(condition => condition is { Type: "PodScheduled", Reason: "SchedulingGated" }))
            {
                Reason = "SchedulingGated";
            }
            var isInitializing = ReadInitContainers(out var sidecarRestarts, out var lastSidecarRestart);
            if (!isInitializing || IsTrue("Initialized"))
            {
                (Restarts, LastRestart) = (sidecarRestarts, lastSidecarRestart);
                ReadContainers();
            }
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                Reason = pod.Status.Reason == "NodeLost" ? "Unknown" : pod.Status.Phase is "Failed" or "Succeeded" ? Reason : "Terminating";
            }
        }

        public Pod Pod { get; }

        public int Total { get; }

        public int Ready { get; private set; }

        public string Reason { get; private set; }

        public int Restarts { get; private set; }

        public DateTimeOffset? LastRestart { get; private set; }

        private bool ReadInitContainers(out int sidecarRestarts, out DateTimeOffset? lastSidecarRestart)
        {
            (sidecarRestarts, lastSidecarRestart) = (0, null);
            for (var i = 0; i < Pod.Status.InitContainerStatuses.Count; i++)
            {
                var status = Pod.Status.InitContainerStatuses[i];
                var isSidecar = Pod.Spec.InitContainers.Any(container => container.Name == status.Name && container.RestartPolicy == "Always");
                Restarts += status.RestartCount;
                LastRestart = Later(LastRestart, status);
                if (isSidecar)
                {
                    sidecarRestarts += status.RestartCount;
                    lastSidecarRestart = Later(lastSidecarRestart, status);
                }
                if (status.State?.Terminated is { ExitCode: 0 })
                {
                    continue;
                }
                if (isSidecar && status.Started == true)
                {
                    Ready += status.Ready ? 1 : 0;
                    continue;
                }
                Reason = status.State switch
                {
                    { Terminated: { } terminated } => "Init:" + Ended(terminated),
                    { Waiting.Reason: { Length: > 0 } reason } when reason != "PodInitializing" => "Init:" + reason,
                    _ => string.Create(CultureInfo.InvariantCulture, $"Init:{i}/{Pod.Spec.InitContainers.Count}"),
                };
                return true;
            }
            return false;
        }

        private void ReadContainers()
        {
            var hasRunning = false;
            for (var i = Pod.Status.ContainerStatuses.Count - 1; i >= 0; i--)
            {
                var status = Pod.Status.ContainerStatuses[i];
                Restarts += status.RestartCount;
                LastRestart = Later(LastRestart, status);
                if (status.State?.Waiting?.Reason is { Length: > 0 } waiting)
                {
                    Reason = waiting;
                }
                else if (status.State?.Terminated is { } terminated)
                {
                    Reason = Ended(terminated);
                }
                else if (status.Ready && status.State?.Running is not null)
                {
                    hasRunning = true;
                    Ready++;
                }
            }
            if (Reason == "Completed" && hasRunning)
            {
                Reason = IsTrue("Ready") ? "Running" : "NotReady";
            }
        }

        private bool IsTrue(string condition) => Pod.Status.Conditions.Any(item => item.Type == condition && item.Status == "True");

        private static string Ended(ContainerStateTerminated state)
        {
            if (!string.IsNullOrEmpty(state.Reason))
            {
                return state.Reason;
            }
            return state.Signal is { } signal and not 0
                ? string.Create(CultureInfo.InvariantCulture, $"Signal:{signal}")
                : string.Create(CultureInfo.InvariantCulture, $"ExitCode:{state.ExitCode}");
        }

        private static DateTimeOffset? Later(DateTimeOffset? last, ContainerStatus status) =>
            status.LastState?.Terminated?.FinishedAt is { } finished && (last is null || finished > last) ? finished : last;
    }
}
