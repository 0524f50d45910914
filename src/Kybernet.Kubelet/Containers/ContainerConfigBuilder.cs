using System.Globalization;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Kubelet.Environment;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Runtime.Cri;
using Kybernet.Kubelet.Sandboxes;
using Kybernet.Kubelet.Volumes;
using Container = Kybernet.Api.Core.V1.Container;
using ImageSpec = Kybernet.Kubelet.Runtime.Cri.ImageSpec;

namespace Kybernet.Kubelet.Containers;

/// <summary>What a container is put together from, besides its spec.</summary>
/// <param name="Pod">Its pod.</param>
/// <param name="Environment">Its environment.</param>
/// <param name="Volumes">Where the pod's volumes are on the node.</param>
/// <param name="Image">Its image.</param>
/// <param name="Node">What the node has.</param>
/// <param name="RestartCount">How many instances came before it.</param>
/// <param name="TargetId">The id of the container whose processes it shares; empty for none.</param>
internal sealed record ContainerInputs(
    Pod Pod,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyDictionary<string, MountedVolume> Volumes,
    ImageRecord Image,
    NodeResources Node,
    int RestartCount,
    string TargetId);

/// <summary>Says to the runtime what a container is to be.</summary>
internal sealed class ContainerConfigBuilder(PodPaths paths)
{
    /// <exception cref="ContainerConfigException">Its spec cannot be met.</exception>
    public ContainerConfig Build(Container container, ContainerInputs inputs)
    {
        var pod = inputs.Pod;
        string Expand(string text) => Expansion.Expand(text, name => inputs.Environment.TryGetValue(name, out var value) ? value : null);

        var config = new ContainerConfig
        {
            Metadata = new ContainerMetadata { Name = container.Name, Attempt = (uint)inputs.RestartCount },
            Image = new ImageSpec { Image = inputs.Image.Id },
            WorkingDir = container.WorkingDir ?? "",
            LogPath = PodPaths.ContainerLog(container.Name, inputs.RestartCount),
            Stdin = container.Stdin ?? false,
            StdinOnce = container.StdinOnce ?? false,
            Tty = container.Tty ?? false,
            StopSignal = StopSignalOf(container),
            Linux = new LinuxContainerConfig
            {
                Resources = ContainerResources.Build(pod, container, inputs.Node),
                SecurityContext = SecurityContexts.Build(pod, container, inputs.TargetId, inputs.Image),
            },
        };
        config.Command.AddRange(container.Command.Select(Expand));
        config.Args.AddRange(container.Args.Select(Expand));
        config.Envs.AddRange(inputs.Environment.Select(variable => new KeyValue { Key = variable.Key, Value = variable.Value }));
        AddMounts(config, container, inputs);
        AddIdentity(config, container, inputs);
        return config;
    }

    private static Signal StopSignalOf(Container container)
    {
        if (container.Lifecycle?.StopSignal is not { Length: > 0 } name)
        {
            return Signal.RuntimeDefault;
        }
        // SIGRTMIN+1 is written out in the runtime's interface.
        var spelt = name.Replace("+", "PLUS", StringComparison.Ordinal).Replace("-", "MINUS", StringComparison.Ordinal);
        return Enum.TryParse<Signal>(spelt, ignoreCase: true, out var signal)
            ? signal
            : throw new ContainerConfigException($"unknown stop signal \"{name}\" of container \"{container.Name}\"");
    }

    private void AddMounts(ContainerConfig config, Container container, ContainerInputs inputs)
    {
        var uid = inputs.Pod.Metadata.Uid ?? "";
        for (var i = 0; i < container.VolumeMounts.Count; i++)
        {
            config.Mounts.Add(VolumeMountBuilder.Build(container, i, inputs, paths.SubPaths(uid)));
        }
        if (container.VolumeMounts.All(mount => mount.MountPath.TrimEnd('/') != HostsFile.ContainerPath))
        {
            config.Mounts.Add(new Mount { ContainerPath = HostsFile.ContainerPath, HostPath = paths.HostsFile(uid) });
        }
        if (container.TerminationMessagePath is { Length: > 0 } messagePath)
        {
            config.Mounts.Add(new Mount
            {
                ContainerPath = messagePath,
                HostPath = TerminationMessages.CreateFile(paths.TerminationMessage(uid, container.Name, inputs.RestartCount)),
            });
        }
    }

    private static void AddIdentity(ContainerConfig config, Container container, ContainerInputs inputs)
    {
        var metadata = inputs.Pod.Metadata;
        config.Labels[RuntimeLabels.PodName] = metadata.Name ?? "";
        config.Labels[RuntimeLabels.PodNamespace] = metadata.Namespace ?? "";
        config.Labels[RuntimeLabels.PodUid] = metadata.Uid ?? "";
        config.Labels[RuntimeLabels.ContainerName] = container.Name;
        config.Annotations[RuntimeLabels.Hash] = HashOf(container);
        config.Annotations[RuntimeLabels.RestartCount] = inputs.RestartCount.ToString(CultureInfo.InvariantCulture);
        config.Annotations[RuntimeLabels.TerminationMessagePath] = container.TerminationMessagePath ?? "";
        config.Annotations[RuntimeLabels.TerminationMessagePolicy] = container.TerminationMessagePolicy ?? "File";
        if (inputs.Pod.Spec.TerminationGracePeriodSeconds is { } grace)
        {
            config.Annotations[RuntimeLabels.TerminationGracePeriod] = grace.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Tells one state of a container's spec from another by what may change and means another container: its name and image.</summary>
    public static string HashOf(Container container)
    {
        // FNV-1a: it must be the same in every start of the kubelet, which string.GetHashCode is not.
        var hash = 2166136261;
        foreach (var value in ModelJson.ToUtf8(new Container { Name = container.Name, Image = container.Image }))
        {
            hash = unchecked((hash ^ value) * 16777619);
        }
        return hash.ToString("x8", CultureInfo.InvariantCulture);
    }
}
