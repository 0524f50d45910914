using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Pods;

/// <summary>A container to be stopped, and why.</summary>
/// <param name="Record">The instance.</param>
/// <param name="Container">What its spec is.</param>
/// <param name="Message">For the event; empty for the usual one.</param>
/// <param name="GraceSeconds">How long it may take where the probe that failed says so.</param>
internal sealed record ContainerToKill(ContainerRecord Record, PodContainer Container, string Message, long? GraceSeconds = null)
{
    /// <summary>Whether another instance takes its place at once, whatever its restart policy: its spec has changed.</summary>
    public bool IsReplaced { get; init; }
}

/// <summary>What has to be done so that the runtime has of a pod what it should. Made from what is, done by others.</summary>
internal sealed record PodPlan
{
    /// <summary>Whether everything of the pod is to be stopped: nothing more will run in this sandbox.</summary>
    public bool KillAll { get; init; }

    /// <summary>Whether a new sandbox is needed.</summary>
    public bool CreateSandbox { get; init; }

    /// <summary>The sandbox to go on with; null where there is none.</summary>
    public SandboxRecord? Sandbox { get; init; }

    /// <summary>The number of the next sandbox.</summary>
    public uint Attempt { get; init; }

    public IReadOnlyList<ContainerToKill> ToKill { get; init; } = [];

    public IReadOnlyList<PodContainer> ToStart { get; init; } = [];

    /// <summary>Those that go on with other resources.</summary>
    public IReadOnlyList<ContainerToResize> ToResize { get; init; } = [];

    /// <summary>Whether nothing has to be done.</summary>
    public bool IsEmpty => !KillAll && !CreateSandbox && ToKill.Count == 0 && ToStart.Count == 0 && ToResize.Count == 0;
}

/// <summary>What the probes say of containers.</summary>
internal interface IProbeResults
{
    /// <summary>Whether a running container passed its startup probe, or has none.</summary>
    bool IsStarted(string podUid, Container container, string containerId);

    /// <summary>Whether a running container is ready, by its readiness probe if it has one.</summary>
    bool IsReady(string podUid, Container container, string containerId);

    /// <summary>Whether a running container's liveness probe has failed for good.</summary>
    bool HasFailedLiveness(string podUid, Container container, string containerId);

    /// <summary>Whether a running container's startup probe has failed for good.</summary>
    bool HasFailedStartup(string podUid, Container container, string containerId);
}
