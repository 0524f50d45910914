using Grpc.Core;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Cpus;
using Kybernet.Kubelet.Devices.PodResourcesV1;
using Kybernet.Kubelet.Pods;
using ContainerResources = Kybernet.Kubelet.Devices.PodResourcesV1.ContainerResources;
using V1 = Kybernet.Kubelet.Devices.PodResourcesV1;

namespace Kybernet.Kubelet.Devices;

/// <summary>Tells monitors which devices and processors the node's pods have.</summary>
internal sealed class PodResourcesService(PodManager pods, DeviceManager manager, CpuManager cpus) : PodResourcesLister.PodResourcesListerBase
{
    public override Task<ListPodResourcesResponse> List(ListPodResourcesRequest request, ServerCallContext context)
    {
        var answer = new ListPodResourcesResponse();
        answer.PodResources.AddRange(pods.List().Select(Describe));
        return Task.FromResult(answer);
    }

    public override Task<GetPodResourcesResponse> Get(GetPodResourcesRequest request, ServerCallContext context) =>
        pods.Find(request.PodNamespace, request.PodName)?.Pod is { } pod
            ? Task.FromResult(new GetPodResourcesResponse { PodResources = Describe(pod) })
            : throw new RpcException(new Status(StatusCode.Unknown, $"pod {request.PodName} in namespace {request.PodNamespace} not found"));

    public override Task<AllocatableResourcesResponse> GetAllocatableResources(AllocatableResourcesRequest request, ServerCallContext context)
    {
        var answer = new AllocatableResourcesResponse();
        answer.Devices.AddRange(manager.Pools().Select(static pool => Devices(pool.Resource, pool.Healthy)));
        answer.CpuIds.AddRange(cpus.Allocatable.Enumerate().Select(static cpu => (long)cpu));
        return Task.FromResult(answer);
    }

    private PodResources Describe(Pod pod)
    {
        var uid = pod.Metadata.Uid ?? "";
        var given = manager.Of(uid);
        var description = new PodResources { Name = pod.Metadata.Name ?? "", Namespace = pod.Metadata.Namespace ?? "" };
        foreach (var container in PodContainers.InitAndApp(pod).Where(static container => container.Kind == ContainerKind.App || container.IsSidecar))
        {
            var own = new ContainerResources { Name = container.Name };
            own.Devices.AddRange(given.Where(one => one.Container == container.Name).Select(static one => Devices(one.Resource, one.Devices)));
            own.CpuIds.AddRange(cpus.ExclusiveOf(uid, container.Name).Enumerate().Select(static cpu => (long)cpu));
            description.Containers.Add(own);
        }
        return description;
    }

    private static V1.ContainerDevices Devices(string resource, IEnumerable<string> ids)
    {
        var devices = new V1.ContainerDevices { ResourceName = resource };
        devices.DeviceIds.AddRange(ids);
        return devices;
    }
}
