using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server;

/// <summary>Finds the pod and the instance of a container that a request means.</summary>
internal sealed class ContainerFinder(PodManager pods, IContainerRuntime runtime)
{
    /// <exception cref="KubeletRequestException">There is no such pod here.</exception>
    public Pod FindPod(string @namespace, string name) => pods.Find(@namespace, name)?.Pod
        ?? throw new KubeletRequestException(StatusCodes.Status404NotFound, $"pod \"{name}\" not found");

    /// <summary>What the runtime has of a pod.</summary>
    public Task<PodRuntimeState> ReadAsync(Pod pod, CancellationToken cancellationToken) =>
        PodStateReader.ReadAsync(runtime, pod.Metadata.Uid ?? "", cancellationToken);

    /// <summary>The running instance of a container.</summary>
    /// <exception cref="KubeletRequestException">There is none.</exception>
    public async Task<string> FindRunningAsync(string @namespace, string name, string container, CancellationToken cancellationToken)
    {
        var pod = FindPod(@namespace, name);
        RequireContainer(pod, container);
        var state = await ReadAsync(pod, cancellationToken);
        return state.Newest(container) is { State: ContainerRunState.Running } running
            ? running.Id
            : throw new KubeletRequestException(StatusCodes.Status404NotFound, $"container not found (\"{container}\")");
    }

    /// <exception cref="KubeletRequestException">The pod has no such container.</exception>
    public static void RequireContainer(Pod pod, string container)
    {
        if (PodContainers.Find(pod, container) is null)
        {
            throw new KubeletRequestException(StatusCodes.Status404NotFound, $"container \"{container}\" not found in pod \"{pod.Metadata.Name}\"");
        }
    }
}
