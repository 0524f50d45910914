using System.Globalization;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Pods;

/// <summary>Ends pods: stops what runs, then takes away what the node had of them.</summary>
internal sealed class PodTerminator(PodServices services, ContainerKiller killer)
{
    /// <summary>Stops all of a pod's containers, sidecars last and in reverse order, then its sandboxes. Returns when nothing runs.</summary>
    /// <param name="pod">The pod; null where the API server knows it no longer.</param>
    /// <param name="state">What the runtime has of it.</param>
    /// <param name="grace">How long all of it may take; null for what its containers were made with.</param>
    /// <param name="cancellationToken">Ends the waiting, not the stopping.</param>
    public async Task StopAsync(Pod? pod, PodRuntimeState state, TimeSpan? grace, CancellationToken cancellationToken)
    {
        var address = pod is not null ? services.AddressesOf(pod, state.Sandboxes.Count > 0 ? state.Sandboxes[0] : null).Pod is [var first, ..] ? first : "" : "";
        var began = services.Time.GetTimestamp();
        var running = state.Containers.Where(container => container.State is ContainerRunState.Running or ContainerRunState.Unknown).ToArray();
        var requests = running.Select(container => Request(pod, container, address, grace)).ToArray();
        await Task.WhenAll(requests.Where(request => request.Container?.IsSidecar != true).Select(request => killer.KillAsync(request, cancellationToken)));

        var sidecars = requests.Where(request => request.Container?.IsSidecar == true).ToArray();
        foreach (var name in (pod?.Spec.InitContainers ?? []).Reverse().Select(container => container.Name))
        {
            foreach (var sidecar in sidecars.Where(request => request.Name == name))
            {
                var left = sidecar.Grace - services.Time.GetElapsedTime(began);
                await killer.KillAsync(sidecar with { Grace = left > TimeSpan.Zero ? left : TimeSpan.Zero }, cancellationToken);
            }
        }
        foreach (var sandbox in state.Sandboxes)
        {
            await services.Runtime.StopSandboxAsync(sandbox.Id, cancellationToken);
        }
    }

    /// <summary>Takes away what a pod that runs no longer does not need any more: volumes, cgroups, probes, memories of failure.</summary>
    public async Task CleanAsync(string uid, CancellationToken cancellationToken)
    {
        await services.Probes.ForgetAsync(uid);
        await services.Volumes.RemoveAsync(uid, cancellationToken);
        services.Cgroups.Remove(uid);
        services.Cpus.Release(uid);
        services.Devices.Release(uid);
        services.Images.Forget(uid);
        services.RestartBackOff.Forget(uid + "_");
    }

    /// <summary>Removes all that is left of a pod that the API server has forgotten: containers, sandboxes, logs, files.</summary>
    public async Task RemoveAsync(PodIdentity pod, PodRuntimeState state, CancellationToken cancellationToken)
    {
        foreach (var container in state.Containers)
        {
            await services.Runtime.RemoveContainerAsync(container.Id, cancellationToken);
            File.Delete(services.Paths.ContainerLogLink(pod.Namespace, pod.Name, container.Name, container.Id));
        }
        foreach (var sandbox in state.Sandboxes)
        {
            await services.Runtime.RemoveSandboxAsync(sandbox.Id, cancellationToken);
        }
        services.Objects.Forget(pod.Uid);
        DeleteTree(services.Paths.PodLogs(pod.Namespace, pod.Name, pod.Uid));
        DeleteTree(services.Paths.Pod(pod.Uid));
    }

    private KillRequest Request(Pod? pod, ContainerRecord container, string address, TimeSpan? grace) => new(pod, container.Name, container.Id)
    {
        Container = pod is null ? null : PodContainers.Find(pod, container.Name),
        PodAddress = address,
        Grace = grace ?? GraceOf(container),
    };

    private static TimeSpan GraceOf(ContainerRecord container) => TimeSpan.FromSeconds(
        container.Annotations.TryGetValue(RuntimeLabels.TerminationGracePeriod, out var text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : ContainerKiller.DefaultGraceSeconds);

    private static void DeleteTree(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
