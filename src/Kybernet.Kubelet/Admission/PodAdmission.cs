using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Cpus;
using Kybernet.Kubelet.Devices;
using Kybernet.Kubelet.Eviction;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Shutdown;

namespace Kybernet.Kubelet.Admission;

/// <summary>Decides whether a pod that was given to the node may run on it.</summary>
internal sealed class PodAdmission(Grants grants, CpuManager cpus, NodePressure pressure, ShutdownState shutdown, DeviceAllocator devices)
{
    /// <summary>Why a pod of which nothing runs yet is turned away; null where it is let in, and has what it asks for.</summary>
    public async Task<StartProblem?> FindProblemAsync(Pod pod, CancellationToken cancellationToken) =>
        FindProblem(pod) ?? await devices.AdmitAsync(pod, cancellationToken) ?? grants.Admit(pod);

    private StartProblem? FindProblem(Pod pod) =>
        OperatingSystem(pod)
        ?? PressureAdmission.FindProblem(pod, pressure.Conditions)
        ?? SysctlAdmission.FindProblem(pod)
        ?? AppArmorAdmission.FindProblem(pod)
        ?? Shutdown()
        ?? cpus.Admit(pod);

    private StartProblem? Shutdown() =>
        shutdown.IsShuttingDown ? new StartProblem("NodeShutdown", "Pod was rejected as the node is shutting down.") : null;

    private static StartProblem? OperatingSystem(Pod pod) => pod.Spec.Os is { Name: not "linux" }
        ? new StartProblem("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS")
        : null;
}
