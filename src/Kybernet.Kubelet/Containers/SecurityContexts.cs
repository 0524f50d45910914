using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Environment;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Runtime.Cri;
using Capability = Kybernet.Kubelet.Runtime.Cri.Capability;
using Container = Kybernet.Api.Core.V1.Container;

namespace Kybernet.Kubelet.Containers;

/// <summary>Who a container runs as and what it may do, from its own wishes and its pod's.</summary>
internal static class SecurityContexts
{
    // What the kernel shows of the host in /proc and /sys, kept from containers unless they ask for all of it.
    private static readonly string[] MaskedPaths =
    [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] ReadOnlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>Builds a container's.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="targetId">The id of the container whose processes it shares; empty for none.</param>
    /// <param name="image">Its image: whom it runs as where nobody said so.</param>
    /// <exception cref="ContainerConfigException">It would run as root and must not.</exception>
    public static LinuxContainerSecurityContext Build(Pod pod, Container container, string targetId, ImageRecord image)
    {
        var ofPod = pod.Spec.SecurityContext;
        var own = container.SecurityContext;
        var user = own?.RunAsUser ?? ofPod?.RunAsUser;
        var group = own?.RunAsGroup ?? ofPod?.RunAsGroup;
        if (own?.RunAsNonRoot ?? ofPod?.RunAsNonRoot ?? false)
        {
            VerifyNotRoot(pod, container, user, image);
        }

        var privileged = own?.Privileged ?? false;
        var context = new LinuxContainerSecurityContext
        {
            Privileged = privileged,
            ReadonlyRootfs = own?.ReadOnlyRootFilesystem ?? false,
            NoNewPrivs = own?.AllowPrivilegeEscalation == false,
            NamespaceOptions = Namespaces(pod),
            Seccomp = Seccomp(own?.SeccompProfile ?? ofPod?.SeccompProfile),
            Apparmor = AppArmor(own?.AppArmorProfile ?? ofPod?.AppArmorProfile),
            SupplementalGroupsPolicy = GroupsPolicy(ofPod),
            SelinuxOptions = SeLinux(own?.SeLinuxOptions ?? ofPod?.SeLinuxOptions),
        };
        if (targetId.Length > 0)
        {
            context.NamespaceOptions.Pid = NamespaceMode.Target;
            context.NamespaceOptions.TargetId = targetId;
        }
        SetUser(context, user, group, image);
        if (ofPod is not null)
        {
            context.SupplementalGroups.AddRange(ofPod.SupplementalGroups);
            if (ofPod.FsGroup is { } fsGroup)
            {
                context.SupplementalGroups.Add(fsGroup);
            }
        }
        if (own?.Capabilities is { } capabilities)
        {
            context.Capabilities = new Capability();
            context.Capabilities.AddCapabilities.AddRange(capabilities.Add);
            context.Capabilities.DropCapabilities.AddRange(capabilities.Drop);
        }
        if (!privileged && own?.ProcMount != "Unmasked")
        {
            context.MaskedPaths.AddRange(MaskedPaths);
            context.ReadonlyPaths.AddRange(ReadOnlyPaths);
        }
        return context;
    }

    /// <summary>Which of the host's namespaces a pod lives in.</summary>
    public static NamespaceOption Namespaces(Pod pod) => new()
    {
        Network = pod.Spec.HostNetwork == true ? NamespaceMode.Node : NamespaceMode.Pod,
        Ipc = pod.Spec.HostIPC == true ? NamespaceMode.Node : NamespaceMode.Pod,
        Pid = pod.Spec.HostPID == true ? NamespaceMode.Node : pod.Spec.ShareProcessNamespace == true ? NamespaceMode.Pod : NamespaceMode.Container,
    };

    /// <summary>The filter of system calls; unconfined where nobody asked for one.</summary>
    public static SecurityProfile Seccomp(SeccompProfile? profile) => profile?.Type switch
    {
        "RuntimeDefault" => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
        "Localhost" => new SecurityProfile
        {
            ProfileType = SecurityProfile.Types.ProfileType.Localhost,
            LocalhostRef = Path.Combine("/var/lib/kubelet/seccomp", profile.LocalhostProfile ?? ""),
        },
        _ => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Unconfined },
    };

    /// <summary>The AppArmor profile; null where the runtime is to choose it.</summary>
    private static SecurityProfile? AppArmor(AppArmorProfile? profile) => profile?.Type switch
    {
        "RuntimeDefault" => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
        "Localhost" => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = profile.LocalhostProfile ?? "" },
        "Unconfined" => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Unconfined },
        _ => null,
    };

    /// <summary>Whether the groups that the image gives its user count besides the pod's.</summary>
    public static SupplementalGroupsPolicy GroupsPolicy(PodSecurityContext? pod) =>
        pod?.SupplementalGroupsPolicy == "Strict" ? SupplementalGroupsPolicy.Strict : SupplementalGroupsPolicy.Merge;

    /// <summary>The SELinux label; null where the runtime is to choose it.</summary>
    public static SELinuxOption? SeLinux(SELinuxOptions? options) => options is null
        ? null
        : new SELinuxOption { User = options.User ?? "", Role = options.Role ?? "", Type = options.Type ?? "", Level = options.Level ?? "" };

    private static void SetUser(LinuxContainerSecurityContext context, long? user, long? group, ImageRecord image)
    {
        if (user is { } uid)
        {
            context.RunAsUser = new Int64Value { Value = uid };
        }
        else if (image.Username.Length > 0)
        {
            context.RunAsUsername = image.Username;
        }
        else if (image.Uid is { } imageUid)
        {
            context.RunAsUser = new Int64Value { Value = imageUid };
        }
        if (group is { } gid)
        {
            context.RunAsGroup = new Int64Value { Value = gid };
        }
        // The runtime takes a group only beside a user.
        if (context.RunAsGroup is not null && context.RunAsUser is null && context.RunAsUsername.Length == 0)
        {
            context.RunAsUser = new Int64Value { Value = 0 };
        }
    }

    private static void VerifyNotRoot(Pod pod, Container container, long? user, ImageRecord image)
    {
        var where = $"(pod: \"{pod.Metadata.Name}_{pod.Metadata.Namespace}({pod.Metadata.Uid})\", container: {container.Name})";
        if (user is { } uid)
        {
            if (uid == 0)
            {
                throw new ContainerConfigException($"container's runAsUser breaks non-root policy {where}");
            }
            return;
        }
        if (image.Username.Length > 0)
        {
            throw new ContainerConfigException(
                $"container has runAsNonRoot and image has non-numeric user ({image.Username}), cannot verify user is non-root {where}");
        }
        if ((image.Uid ?? 0) == 0)
        {
            throw new ContainerConfigException($"container has runAsNonRoot and image will run as root {where}");
        }
    }
}
