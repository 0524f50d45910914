using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>How pods are shown: one word for the state that all their containers come to.</summary>
internal static class PodTable
{
    private const string None = "<none>";

    public static TableDefinition Definition { get; } = new(
        [
            Columns.Name,
            Columns.Text("Ready", "The aggregate readiness state of this pod for accepting traffic."),
            Columns.Text("Status", "The aggregate status of the containers in this pod."),
            Columns.Text("Restarts", "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted."),
            Columns.Age,
            Columns.Text("IP", "The address of the pod in the pod network.", 1),
            Columns.Text("Node", "The node that the pod runs on.", 1),
            Columns.Text("Nominated Node", "The node that room is being made on for the pod.", 1),
            Columns.Text("Readiness Gates", "How many of the pod's readiness gates are open.", 1),
        ],
        Cells);

    private static IReadOnlyList<object?> Cells(EncodedObject item, DateTimeOffset now)
    {
        var pod = item.As<Pod>();
        var summary = new Summary(pod);
        return
        [
            pod.Metadata.Name,
            string.Create(CultureInfo.InvariantCulture, $"{summary.Ready}/{summary.Total}"),
            summary.Reason,
            summary.Restarts > 0 && summary.LastRestart is { } last
                ? string.Create(CultureInfo.InvariantCulture, $"{summary.Restarts} ({Columns.Since(last, now)} ago)")
                : summary.Restarts.ToString(CultureInfo.InvariantCulture),
            Columns.AgeOf(pod.Metadata, now),
            pod.Status.PodIPs.Count > 0 ? pod.Status.PodIPs[0].Ip : OrNone(pod.Status.PodIP),
            OrNone(pod.Spec.NodeName),
            OrNone(pod.Status.NominatedNodeName),
            Gates(pod),
        ];
    }

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
    private struct Summary
    {
        private readonly Pod _pod;

        public Summary(Pod pod)
        {
            _pod = pod;
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

        public int Total { get; }

        public int Ready { get; private set; }

        public string Reason { get; private set; }

        public int Restarts { get; private set; }

        public DateTimeOffset? LastRestart { get; private set; }

        private bool ReadInitContainers(out int sidecarRestarts, out DateTimeOffset? lastSidecarRestart)
        {
            (sidecarRestarts, lastSidecarRestart) = (0, null);
            for (var i = 0; i < _pod.Status.InitContainerStatuses.Count; i++)
            {
                var status = _pod.Status.InitContainerStatuses[i];
                var isSidecar = _pod.Spec.InitContainers.Any(container => container.Name == status.Name && container.RestartPolicy == "Always");
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
                    _ => string.Create(CultureInfo.InvariantCulture, $"Init:{i}/{_pod.Spec.InitContainers.Count}"),
                };
                return true;
            }
            return false;
        }

        private void ReadContainers()
        {
            var hasRunning = false;
            for (var i = _pod.Status.ContainerStatuses.Count - 1; i >= 0; i--)
            {
                var status = _pod.Status.ContainerStatuses[i];
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

        private readonly bool IsTrue(string condition) => _pod.Status.Conditions.Any(item => item.Type == condition && item.Status == "True");

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
