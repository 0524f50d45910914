using Kybernet.Kubelet.Devices.V1Beta1;

namespace Kybernet.Kubelet.Devices;

/// <summary>The devices of one resource that a container has.</summary>
/// <param name="PodUid">Its pod.</param>
/// <param name="Container">Its name.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Devices">The devices' ids.</param>
/// <param name="Answer">What the plugin wants the container to see; null until it has said so.</param>
internal sealed record DeviceAssignment(string PodUid, string Container, string Resource, IReadOnlyList<string> Devices, ContainerAllocateResponse? Answer);
