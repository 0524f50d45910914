using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Containers;

/// <summary>Which of a pod's lists a container is in.</summary>
internal enum ContainerKind
{
    /// <summary>Runs to its end before the next one and before the pod's own; or, as a sidecar, is started before them and stays.</summary>
    Init,

    /// <summary>One of the pod's own.</summary>
    App,

    /// <summary>Added later, to look into the pod.</summary>
    Ephemeral,
}

/// <summary>A container of a pod and the list that it is in.</summary>
internal readonly record struct PodContainer(Container Container, ContainerKind Kind)
{
    public string Name => Container.Name;

    /// <summary>Whether it is an init container that keeps running beside the others.</summary>
    public bool IsSidecar => Kind == ContainerKind.Init && Container.RestartPolicy == "Always";

    /// <summary>For an ephemeral container, the one whose processes it sees; empty otherwise.</summary>
    public string TargetName { get; init; } = "";
}

/// <summary>Goes through a pod's containers.</summary>
internal static class PodContainers
{
    /// <summary>Init containers in order, then the pod's own.</summary>
    public static IEnumerable<PodContainer> InitAndApp(Pod pod) =>
        pod.Spec.InitContainers.Select(container => new PodContainer(container, ContainerKind.Init))
            .Concat(pod.Spec.Containers.Select(container => new PodContainer(container, ContainerKind.App)));

    /// <summary>All of them.</summary>
    public static IEnumerable<PodContainer> All(Pod pod) => InitAndApp(pod).Concat(Ephemeral(pod));

    /// <summary>Those that were added later.</summary>
    public static IEnumerable<PodContainer> Ephemeral(Pod pod) => pod.Spec.EphemeralContainers.Select(AsContainer);

    /// <summary>The container of that name; null where there is none.</summary>
    public static PodContainer? Find(Pod pod, string name)
    {
        foreach (var container in All(pod))
        {
            if (container.Name == name)
            {
                return container;
            }
        }
        return null;
    }

    private static PodContainer AsContainer(EphemeralContainer ephemeral) => new(
        new Container
        {
            Name = ephemeral.Name,
            Args = ephemeral.Args,
            Command = ephemeral.Command,
            Env = ephemeral.Env,
            EnvFrom = ephemeral.EnvFrom,
            Image = ephemeral.Image,
            ImagePullPolicy = ephemeral.ImagePullPolicy,
            SecurityContext = ephemeral.SecurityContext,
            Stdin = ephemeral.Stdin,
            StdinOnce = ephemeral.StdinOnce,
            TerminationMessagePath = ephemeral.TerminationMessagePath,
            TerminationMessagePolicy = ephemeral.TerminationMessagePolicy,
            Tty = ephemeral.Tty,
            VolumeMounts = ephemeral.VolumeMounts,
            WorkingDir = ephemeral.WorkingDir,
        },
        ContainerKind.Ephemeral)
    {
        TargetName = ephemeral.TargetContainerName ?? "",
    };
}
