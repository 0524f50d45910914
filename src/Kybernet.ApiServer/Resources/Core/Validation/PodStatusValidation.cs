using System.Net.Sockets;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>What a pod's status may say, given what it said before.</summary>
internal static class PodStatusValidation
{
    private static readonly FieldPath Status = FieldPath.Of("status");

    /// <summary>Says what is wrong with a change of the status.</summary>
    public static void Validate(Pod pod, Pod previous, FieldErrors errors)
    {
        PodAnnotationValidation.ValidateUpdate(pod.Metadata, previous.Metadata, pod.Spec, FieldPath.Of("metadata").Child("annotations"), errors);
        for (var i = 0; i < pod.Status.Conditions.Count; i++)
        {
            var type = pod.Status.Conditions[i].Type;
            if (type is not ("PodScheduled" or "Ready" or "Initialized"))
            {
                errors.Invalid(FieldPath.Of("metadata").Child("conditions").Index(i).Child("Type"), type, LabelRules.QualifiedName(type));
            }
        }
        if (pod.Status.NominatedNodeName != previous.Status.NominatedNodeName)
        {
            errors.Name(pod.Status.NominatedNodeName, Status, "nominatedNodeName", NameRules.Subdomain);
        }
        if (previous.Status.QosClass is not null && pod.Status.QosClass != previous.Status.QosClass)
        {
            errors.Invalid(Status.Child("qosClass"), pod.Status.QosClass, FieldRules.Immutable);
        }
        var policy = previous.Spec.RestartPolicy ?? "Always";
        Transitions(pod.Status.ContainerStatuses, previous.Status.ContainerStatuses, "containerStatuses", policy, previous.Spec.Containers, errors);
        Transitions(pod.Status.InitContainerStatuses, previous.Status.InitContainerStatuses, "initContainerStatuses", policy,
            previous.Spec.InitContainers, errors);
        Transitions(pod.Status.EphemeralContainerStatuses, previous.Status.EphemeralContainerStatuses, "ephemeralContainerStatuses", "Never", [], errors);
        Addresses(pod.Status.PodIPs.Select(item => item.Ip).ToList(), "podIPs", errors);
        if (pod.Status.HostIPs.Count > 0 && pod.Status.HostIP != pod.Status.HostIPs[0].Ip)
        {
            errors.Invalid(Status.Child("hostIPs").Index(0).Child("ip"), pod.Status.HostIPs[0].Ip, "must be equal to `hostIP`");
        }
        Addresses(pod.Status.HostIPs.Select(item => item.Ip).ToList(), "hostIPs", errors);
    }

    /// <summary>A container that has ended does not come back, unless its restarts are allowed.</summary>
    private static void Transitions(
        IReadOnlyList<ContainerStatus> statuses, IReadOnlyList<ContainerStatus> previous, string list, string podPolicy,
        IReadOnlyList<Container> containers, FieldErrors errors)
    {
        for (var i = 0; i < previous.Count; i++)
        {
            var old = previous[i];
            if (old.State?.Terminated is not { } terminated)
            {
                continue;
            }
            var container = containers.FirstOrDefault(item => item.Name == old.Name);
            var policy = container?.RestartPolicy ?? podPolicy;
            if (policy == "Always" || (policy == "OnFailure" && terminated.ExitCode != 0) || container?.RestartPolicyRules.Count > 0)
            {
                continue;
            }
            if (statuses.Any(now => now.Name == old.Name && now.State?.Terminated is null))
            {
                errors.Forbidden(Status.Child(list).Index(i).Child("state"), "may not be transitioned to non-terminated state");
            }
        }
    }

    private static void Addresses(List<string> addresses, string field, FieldErrors errors)
    {
        var path = Status.Child(field);
        var parsed = addresses.Select((address, i) => errors.Ip(address, path.Index(i))).ToList();
        if (addresses.Count < 2)
        {
            return;
        }
        var families = parsed.Where(address => address is not null).Select(address => address!.AddressFamily).Distinct().Count();
        var isDualStack = families == 2 && parsed.All(address => address?.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6);
        if (!isDualStack || addresses.Count > 2)
        {
            errors.InvalidJson(path, "[" + string.Join(",", addresses.Select(address => $"{{\"ip\":\"{address}\"}}")) + "]",
                "may specify no more than one IP for each IP family");
        }
        for (var i = 0; i < addresses.Count; i++)
        {
            if (addresses.IndexOf(addresses[i]) < i)
            {
                errors.Add(FieldErrorReason.FieldValueDuplicate, path.Index(i), $"Duplicate value: {{\"ip\":\"{addresses[i]}\"}}");
            }
        }
    }
}
