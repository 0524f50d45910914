using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Admission;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Cpus;
using Kybernet.Kubelet.Devices;
using Kybernet.Kubelet.Environment;
using Kybernet.Kubelet.Images;
using Kybernet.Kubelet.Lifecycle;
using Kybernet.Kubelet.Objects;
using Kybernet.Kubelet.Probes;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Sandboxes;
using Kybernet.Kubelet.Volumes.Images;
using Kybernet.Kubelet.Volumes;

namespace Kybernet.Kubelet.Pods;

/// <summary>What all pods of the node share.</summary>
internal sealed class PodServices
{
    public required KubeletOptions Options { get; init; }

    public required PodPaths Paths { get; init; }

    public required IContainerRuntime Runtime { get; init; }

    public required PodEvents Events { get; init; }

    public required ILister<Service> Services { get; init; }

    public required EnvironmentBuilder Environment { get; init; }

    /// <summary>The ConfigMaps and Secrets of the node's pods.</summary>
    public required PodObjects Objects { get; init; }

    public required PodAdmission Admission { get; init; }

    public required Grants Grants { get; init; }

    public required PodVolumes Volumes { get; init; }

    public required CpuManager Cpus { get; init; }

    public required ImageVolumes ImageVolumes { get; init; }

    public required DeviceManager Devices { get; init; }

    public required PodCgroups Cgroups { get; init; }

    public required SandboxConfigBuilder Sandboxes { get; init; }

    public required RuntimeClasses RuntimeClasses { get; init; }

    public required ContainerConfigBuilder Containers { get; init; }

    public required ImagePuller Images { get; init; }

    public required HookRunner Hooks { get; init; }

    public required ProbeManager Probes { get; init; }

    public required NodeResources Node { get; init; }

    public required StartBackOff RestartBackOff { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>A pod's addresses once its sandbox is known.</summary>
    public PodAddresses AddressesOf(Pod pod, SandboxRecord? sandbox) => new(
        pod.Spec.HostNetwork == true ? [Options.NodeIP] : sandbox?.Addresses ?? [],
        [Options.NodeIP]);
}
