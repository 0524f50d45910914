using Kybernet.Kubelet.Plugins;

namespace Kybernet.Kubelet.Devices;

/// <summary>Takes the device plugins that register as other plugins do; their name is the resource.</summary>
internal sealed class DevicePluginHandler(DeviceManager manager) : IPluginHandler
{
    public string Type => "DevicePlugin";

    public void Validate(PluginIdentity plugin)
    {
        if (!plugin.Versions.Contains(DeviceRegistration.Version))
        {
            throw new PluginException($"none of the versions [{string.Join(' ', plugin.Versions)}] is supported by kubelet. Supported version is [\"{DeviceRegistration.Version}\"]");
        }
        if (!ExtendedResource.IsName(plugin.Name))
        {
            throw new PluginException($"invalid name of device plugin socket: the ResourceName \"{plugin.Name}\" is invalid");
        }
    }

    public Task RegisterAsync(PluginIdentity plugin, CancellationToken cancellationToken)
    {
        manager.Register(plugin.Name, plugin.Endpoint, null);
        return Task.CompletedTask;
    }

    // The plugin's list of devices ends with it, which is how it is let go.
    public Task DeregisterAsync(PluginIdentity plugin, CancellationToken cancellationToken) => Task.CompletedTask;
}
