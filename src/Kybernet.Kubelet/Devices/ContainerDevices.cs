using Kybernet.Kubelet.Devices.V1Beta1;
using Cri = Kybernet.Kubelet.Runtime.Cri;

namespace Kybernet.Kubelet.Devices;

/// <summary>Shows a container the devices that it was given, as their plugins want them to be seen.</summary>
internal static class ContainerDevices
{
    /// <summary>Tells the plugins that the container is about to start, and adds what it is to see.</summary>
    /// <exception cref="DeviceException">A plugin refused.</exception>
    public static async Task AddAsync(
        DeviceManager manager, string podUid, string container, Cri.ContainerConfig config, CancellationToken cancellationToken)
    {
        foreach (var given in manager.Of(podUid))
        {
            if (given.Container != container || given.Answer is not { } answer)
            {
                continue;
            }
            if (manager.Find(given.Resource)?.Plugin is { } plugin)
            {
                await plugin.PreStartAsync(given.Devices, cancellationToken);
            }
            Add(answer, config);
        }
    }

    private static void Add(ContainerAllocateResponse answer, Cri.ContainerConfig config)
    {
        foreach (var device in answer.Devices)
        {
            config.Devices.Add(new Cri.Device { ContainerPath = device.ContainerPath, HostPath = device.HostPath, Permissions = device.Permissions });
        }
        foreach (var mount in answer.Mounts)
        {
            config.Mounts.Add(new Cri.Mount { ContainerPath = mount.ContainerPath, HostPath = mount.HostPath, Readonly = mount.ReadOnly });
        }
        foreach (var (name, value) in answer.Envs)
        {
            // What the pod says itself counts more.
            if (config.Envs.All(variable => variable.Key != name))
            {
                config.Envs.Add(new Cri.KeyValue { Key = name, Value = value });
            }
        }
        foreach (var (name, value) in answer.Annotations)
        {
            config.Annotations[name] = value;
        }
        foreach (var device in answer.CdiDevices)
        {
            config.CDIDevices.Add(new Cri.CDIDevice { Name = device.Name });
        }
    }
}
