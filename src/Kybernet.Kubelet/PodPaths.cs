using System.Globalization;

namespace Kybernet.Kubelet;

/// <summary>Where a pod's files live on the node.</summary>
internal sealed class PodPaths(KubeletOptions options)
{
    /// <summary>The folder of all pods' files.</summary>
    public string Pods { get; } = options.PodsDirectory;

    public string Pod(string uid) => Path.Combine(Pods, uid);

    /// <summary>The folder of a volume; its kind's plugin is part of the path, as upstream has it.</summary>
    public string Volume(string uid, string plugin, string name) => Path.Combine(VolumesOf(uid, plugin), name);

    /// <summary>The folder of a pod's volumes of one kind.</summary>
    public string VolumesOf(string uid, string plugin) => Path.Combine(Volumes(uid), $"kubernetes.io~{plugin}");

    public string Volumes(string uid) => Path.Combine(Pod(uid), "volumes");

    /// <summary>Where parts of volumes are mounted for containers, upstream's name for it.</summary>
    public string SubPaths(string uid) => Path.Combine(Pod(uid), "volume-subpaths");

    public string HostsFile(string uid) => Path.Combine(Pod(uid), "etc-hosts");

    /// <summary>The file that an instance of a container may leave a last message in.</summary>
    public string TerminationMessage(string uid, string container, int attempt) =>
        Path.Combine(Pod(uid), "containers", container, attempt.ToString(CultureInfo.InvariantCulture));

    public string PodLogs(string @namespace, string name, string uid) => Path.Combine(options.PodLogsDirectory, $"{@namespace}_{name}_{uid}");

    /// <summary>A container's log inside its pod's folder.</summary>
    public static string ContainerLog(string container, int attempt) => Path.Combine(container, $"{attempt}.log");

    /// <summary>The link by which log collectors find a container's log.</summary>
    public string ContainerLogLink(string @namespace, string name, string container, string id) =>
        Path.Combine(options.ContainerLogsDirectory, $"{name}_{@namespace}_{container}-{id}.log");
}
