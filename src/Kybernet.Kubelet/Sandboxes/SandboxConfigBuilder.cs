using System.Globalization;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Runtime.Cri;
using Pod = Kybernet.Api.Core.V1.Pod;

namespace Kybernet.Kubelet.Sandboxes;

/// <summary>Says to the runtime what a pod's sandbox is to be.</summary>
internal sealed class SandboxConfigBuilder(KubeletOptions options, PodPaths paths, PodCgroups cgroups)
{
    private readonly DnsSettings _dns = new(options);

    public PodSandboxConfig Build(Pod pod, uint attempt)
    {
        var metadata = pod.Metadata;
        var (name, @namespace, uid) = (metadata.Name ?? "", metadata.Namespace ?? "", metadata.Uid ?? "");
        var config = new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = name, Namespace = @namespace, Uid = uid, Attempt = attempt },
            LogDirectory = paths.PodLogs(@namespace, name, uid),
            DnsConfig = _dns.Build(pod),
            Linux = Linux(pod),
        };
        // A pod of the host's network has the host's name.
        if (pod.Spec.HostNetwork != true)
        {
            config.Hostname = PodHostname.Of(pod, options.ClusterDomain).InPod(pod);
        }
        config.Labels.Add(Entries(metadata.Labels));
        config.Labels[RuntimeLabels.PodName] = name;
        config.Labels[RuntimeLabels.PodNamespace] = @namespace;
        config.Labels[RuntimeLabels.PodUid] = uid;
        config.Annotations.Add(Entries(metadata.Annotations));
        config.Annotations[RuntimeLabels.ConfigSource] = "api";
        if (pod.Spec.TerminationGracePeriodSeconds is { } grace)
        {
            config.Annotations[RuntimeLabels.TerminationGracePeriod] = grace.ToString(CultureInfo.InvariantCulture);
        }
        if (pod.Spec.HostNetwork != true)
        {
            AddPorts(config, pod);
        }
        return config;
    }

    private static void AddPorts(PodSandboxConfig config, Pod pod)
    {
        foreach (var (container, _) in PodContainers.InitAndApp(pod))
        {
            foreach (var port in container.Ports)
            {
                if (port.HostPort is null or 0)
                {
                    continue;
                }
                config.PortMappings.Add(new PortMapping
                {
                    ContainerPort = port.ContainerPortValue,
                    HostPort = port.HostPort.Value,
                    HostIp = port.HostIP ?? "",
                    Protocol = port.Protocol switch { "UDP" => Protocol.Udp, "SCTP" => Protocol.Sctp, _ => Protocol.Tcp },
                });
            }
        }
    }

    private LinuxPodSandboxConfig Linux(Pod pod)
    {
        var context = new LinuxSandboxSecurityContext
        {
            NamespaceOptions = SecurityContexts.Namespaces(pod),
            Privileged = PodContainers.All(pod).Any(container => container.Container.SecurityContext?.Privileged == true),
            Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
        };
        var linux = new LinuxPodSandboxConfig { CgroupParent = cgroups.PathOf(pod), SecurityContext = context };
        if (pod.Spec.SecurityContext is { } wished)
        {
            if (wished.RunAsUser is { } user)
            {
                context.RunAsUser = new Int64Value { Value = user };
                // The runtime takes a group only beside a user.
                if (wished.RunAsGroup is { } group)
                {
                    context.RunAsGroup = new Int64Value { Value = group };
                }
            }
            context.SupplementalGroupsPolicy = SecurityContexts.GroupsPolicy(wished);
            context.SelinuxOptions = SecurityContexts.SeLinux(wished.SeLinuxOptions);
            context.SupplementalGroups.AddRange(wished.SupplementalGroups);
            if (wished.FsGroup is { } fsGroup)
            {
                context.SupplementalGroups.Add(fsGroup);
            }
            foreach (var sysctl in wished.Sysctls)
            {
                linux.Sysctls[sysctl.Name.Replace('/', '.')] = sysctl.Value;
            }
        }
        return linux;
    }

    private static Dictionary<string, string> Entries(IReadOnlyDictionary<string, string> map) => new(map);
}
