using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;

namespace Kybernet.Kubelet.Pods;

/// <summary>The phases of a pod.</summary>
internal static class PodPhase
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    public static bool IsFinal(string? phase) => phase is Succeeded or Failed;

    /// <summary>What its containers' states amount to.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="init">The statuses of its init containers.</param>
    /// <param name="app">The statuses of its own containers.</param>
    /// <param name="isOver">Whether nothing of it runs any more, nor will.</param>
    public static string Of(Pod pod, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> app, bool isOver)
    {
        var (pendingInit, failedInit) = CountInit(pod, init);
        var counts = default(Counts);
        for (var i = 0; i < app.Count; i++)
        {
            counts = counts.With(app[i], exitCode => RestartRules.Restarts(pod, new PodContainer(pod.Spec.Containers[i], ContainerKind.App), exitCode));
        }
        if (failedInit > 0)
        {
            return Failed;
        }
        if (pendingInit > 0 || (counts.Waiting > 0 && !isOver))
        {
            return isOver ? Failed : Pending;
        }
        if (counts.Running > 0)
        {
            return Running;
        }
        if (counts.Stopped > 0 || isOver)
        {
            var succeeded = counts.Stopped > 0 && counts.Stopped == counts.Succeeded && counts.Waiting == 0;
            return counts.Restarting > 0 && !isOver ? Running : succeeded ? Succeeded : Failed;
        }
        return Pending;
    }

    private static (int Pending, int Failed) CountInit(Pod pod, IReadOnlyList<ContainerStatus> init)
    {
        var pending = 0;
        var failed = 0;
        for (var i = 0; i < pod.Spec.InitContainers.Count; i++)
        {
            var isSidecar = pod.Spec.InitContainers[i].RestartPolicy == "Always";
            var status = i < init.Count ? init[i] : null;
            if (isSidecar)
            {
                pending += status?.Started == true || status?.State?.Terminated is not null || status?.LastState?.Terminated is not null ? 0 : 1;
                continue;
            }
            var ended = status?.State?.Terminated ?? (status?.State?.Waiting is not null ? status.LastState?.Terminated : null);
            if (ended is null)
            {
                pending++;
            }
            else if (ended.ExitCode != 0 && !RestartRules.Restarts(pod, new PodContainer(pod.Spec.InitContainers[i], ContainerKind.Init), ended.ExitCode))
            {
                failed++;
            }
        }
        return (pending, failed);
    }

    private readonly record struct Counts(int Running, int Stopped, int Succeeded, int Restarting, int Waiting)
    {
        public Counts With(ContainerStatus status, Func<int, bool> restarts) => status switch
        {
            { State.Running: not null } => this with { Running = Running + 1 },
            { State.Terminated: { } ended } => this with
            {
                Stopped = Stopped + 1,
                Succeeded = Succeeded + (ended.ExitCode == 0 ? 1 : 0),
                Restarting = Restarting + (restarts(ended.ExitCode) ? 1 : 0),
            },
            // Between two instances: it counts as ended, not as one that waits for its first.
            { LastState.Terminated: not null } => this with { Stopped = Stopped + 1, Restarting = Restarting + 1 },
            _ => this with { Waiting = Waiting + 1 },
        };
    }
}
