using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>Goes through a pod's containers of every sort.</summary>
internal static class PodContainers
{
    /// <summary>Visits the init containers, the containers and the ephemeral containers; a path is made only where it is asked for.</summary>
    public static void Visit(PodSpec spec, FieldPath path, Action<Container, Func<FieldPath>> visit)
    {
        for (var i = 0; i < spec.InitContainers.Count; i++)
        {
            var index = i;
            visit(spec.InitContainers[i], () => path.Child("initContainers").Index(index));
        }
        for (var i = 0; i < spec.Containers.Count; i++)
        {
            var index = i;
            visit(spec.Containers[i], () => path.Child("containers").Index(index));
        }
        for (var i = 0; i < spec.EphemeralContainers.Count; i++)
        {
            var index = i;
            visit(AsContainer(spec.EphemeralContainers[i]), () => path.Child("ephemeralContainers").Index(index));
        }
    }

    /// <summary>Whether a pod has a container of a name, of whatever sort.</summary>
    public static bool Has(PodSpec spec, string name) => spec.Containers.Any(container => container.Name == name)
        || spec.InitContainers.Any(container => container.Name == name)
        || spec.EphemeralContainers.Any(container => container.Name == name);

    /// <summary>What an ephemeral container has in common with others.</summary>
    public static Container AsContainer(EphemeralContainer container) => new()
    {
        Name = container.Name,
        Image = container.Image,
        Command = container.Command,
        Args = container.Args,
        WorkingDir = container.WorkingDir,
        Ports = container.Ports,
        EnvFrom = container.EnvFrom,
        Env = container.Env,
        Resources = container.Resources,
        ResizePolicy = container.ResizePolicy,
        RestartPolicy = container.RestartPolicy,
        RestartPolicyRules = container.RestartPolicyRules,
        VolumeMounts = container.VolumeMounts,
        VolumeDevices = container.VolumeDevices,
        LivenessProbe = container.LivenessProbe,
        ReadinessProbe = container.ReadinessProbe,
        StartupProbe = container.StartupProbe,
        Lifecycle = container.Lifecycle,
        TerminationMessagePath = container.TerminationMessagePath,
        TerminationMessagePolicy = container.TerminationMessagePolicy,
        ImagePullPolicy = container.ImagePullPolicy,
        SecurityContext = container.SecurityContext,
        Stdin = container.Stdin,
        StdinOnce = container.StdinOnce,
        Tty = container.Tty,
    };
}
