using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Devices.V1Beta1;
using Kybernet.Kubelet.Pods;

namespace Kybernet.Kubelet.Devices;

/// <summary>Gives a pod's containers the devices that they ask for, before anything of the pod runs.</summary>
internal sealed class DeviceAllocator(DeviceManager manager)
{
    /// <returns>Why it cannot have them; null where it has.</returns>
    public async Task<StartProblem?> AdmitAsync(Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            var reusable = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
            foreach (var container in PodContainers.InitAndApp(pod))
            {
                await AllocateAsync(pod.Metadata.Uid ?? "", container, reusable, cancellationToken);
            }
            return null;
        }
        catch (DeviceException exception)
        {
            manager.Release(pod.Metadata.Uid ?? "");
            return new StartProblem("UnexpectedAdmissionError", $"Allocate failed due to {exception.Message}, which is unexpected");
        }
    }

    private async Task AllocateAsync(string uid, PodContainer container, Dictionary<string, IReadOnlyList<string>> reusable, CancellationToken cancellationToken)
    {
        foreach (var (resource, amount) in container.Container.Resources?.Limits ?? new Dictionary<string, Api.Quantity>())
        {
            var count = (int)amount.ToInt64();
            if (count == 0 || manager.Find(resource) is not { } pool)
            {
                continue;
            }
            var has = manager.Of(uid).FirstOrDefault(given => given.Container == container.Name && given.Resource == resource)
                ?? await AllocateAsync(pool, new DeviceAssignment(uid, container.Name, resource, reusable.GetValueOrDefault(resource, []), null), count, cancellationToken);
            // What an init container has that ends is free for those that come after it.
            var shared = reusable.GetValueOrDefault(resource, []);
            reusable[resource] = container.Kind == ContainerKind.Init && !container.IsSidecar
                ? [.. shared.Union(has.Devices, StringComparer.Ordinal)]
                : [.. shared.Except(has.Devices, StringComparer.Ordinal)];
        }
    }

    private async Task<DeviceAssignment> AllocateAsync(DevicePool pool, DeviceAssignment wish, int count, CancellationToken cancellationToken)
    {
        var available = manager.Available(wish, count);
        // The pool has healthy devices, hence a plugin.
        var plugin = pool.Plugin ?? throw new DeviceException($"no healthy devices present; cannot allocate unhealthy devices {pool.Resource}");
        var preferred = wish.Devices.Count < count
            ? await plugin.PreferAsync([.. available.Union(wish.Devices, StringComparer.Ordinal)], wish.Devices, count, cancellationToken)
            : [];
        var reserved = manager.Reserve(wish, count, preferred);
        try
        {
            ContainerAllocateResponse answer = await plugin.AllocateAsync(reserved.Devices, cancellationToken);
            manager.Confirm(reserved, answer);
            return reserved;
        }
        catch
        {
            manager.Cancel(reserved);
            throw;
        }
    }
}
