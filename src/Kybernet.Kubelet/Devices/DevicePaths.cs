namespace Kybernet.Kubelet.Devices;

/// <summary>Where device plugins and those who ask for devices find the kubelet.</summary>
internal sealed class DevicePaths(KubeletOptions options)
{
    /// <summary>The folder of the plugins' sockets.</summary>
    public string Plugins { get; } = Path.Combine(options.RootDirectory, "device-plugins");

    /// <summary>The socket at which plugins register.</summary>
    public string Registration => Path.Combine(Plugins, "kubelet.sock");

    /// <summary>The file in which is kept who has what.</summary>
    public string Checkpoint => Path.Combine(Plugins, "kubelet_internal_checkpoint");

    /// <summary>The socket at which is told who has what.</summary>
    public string PodResources { get; } = Path.Combine(options.RootDirectory, "pod-resources", "kubelet.sock");
}
