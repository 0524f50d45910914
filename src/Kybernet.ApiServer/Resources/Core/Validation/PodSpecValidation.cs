using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>A pod's spec, in a pod or in a template of one.</summary>
internal static class PodSpecValidation
{
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];
    private static readonly string[] DnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    private static readonly string[] PreemptionPolicies = ["PreemptLowerPriority", "Never"];

    /// <summary>Says what is wrong with a spec.</summary>
    public static void Validate(FieldPath path, PodValidationContext pod)
    {
        var spec = pod.Spec;
        var errors = pod.Errors;
        VolumeValidation.Validate(pod, path.Child("volumes"));
        ResourceClaims(spec.ResourceClaims, path, errors);
        ContainerListValidation.Containers(path, pod);
        ContainerListValidation.InitContainers(path, pod);
        ContainerListValidation.EphemeralContainers(path, pod);
        ResourceValidation.Pod(path, pod);
        HostNetwork(path, pod);
        errors.OneOf(spec.RestartPolicy, path, "restartPolicy", RestartPolicies);
        errors.OneOf(spec.DnsPolicy, path, "dnsPolicy", DnsPolicies);
        LabelRules.ValidateLabels(spec.NodeSelector, path.Child("nodeSelector"), errors);
        SecurityContextValidation.Pod(spec.SecurityContext, path, pod);
        AffinityValidation.Validate(spec.Affinity, path, errors);
        PodDnsValidation.Validate(spec, path, errors);
        if (spec.ReadinessGates.Count + spec.SchedulingGates.Count > 0)
        {
            SchedulingValidation.Gates(spec, path, errors);
        }
        SchedulingValidation.TopologySpread(spec.TopologySpreadConstraints, path, errors);
        HostUsers(spec, path, errors);
        Names(spec, path, errors);
        if (spec.ActiveDeadlineSeconds is < 1 or > int.MaxValue)
        {
            errors.Invalid(path.Child("activeDeadlineSeconds"), spec.ActiveDeadlineSeconds, "must be between 1 and 2147483647, inclusive");
        }
        SchedulingValidation.Tolerations(spec.Tolerations, path.Child("tolerations"), errors);
        errors.OneOf(spec.PreemptionPolicy, path, "preemptionPolicy", PreemptionPolicies);
        ResourceValidation.Overhead(spec.Overhead, path.Child("overhead"), pod);
        if (spec.Os is not null)
        {
            WindowsValidation.OperatingSystem(path, pod);
        }
        if (MentionsWindows(spec))
        {
            WindowsValidation.HostProcess(path, pod);
        }
    }

    private static void Names(PodSpec spec, FieldPath path, FieldErrors errors)
    {
        errors.Name(spec.ServiceAccountName, path, "serviceAccountName", NameRules.Subdomain);
        errors.Name(spec.NodeName, path, "nodeName", NameRules.Subdomain);
        errors.Name(spec.Hostname, path, "hostname", NameRules.Label);
        errors.Name(spec.Subdomain, path, "subdomain", NameRules.Label);
        errors.Name(spec.PriorityClassName, path, "priorityClassName", NameRules.Subdomain);
        if (spec.RuntimeClassName is { } runtime)
        {
            errors.Invalid(path.Child("runtimeClassName"), runtime, NameRules.Subdomain(runtime));
        }
        if (spec.HostnameOverride is { } name)
        {
            HostnameOverride(name, spec, path, errors);
        }
    }

    private static void HostnameOverride(string name, PodSpec spec, FieldPath path, FieldErrors errors)
    {
        var field = path.Child("hostnameOverride");
        if (spec.HostNetwork == true)
        {
            errors.Forbidden(path.Child("hostNetwork"), "may not be set to true when hostnameOverride is set");
        }
        if (spec.SetHostnameAsFQDN == true)
        {
            errors.Forbidden(path.Child("setHostnameAsFQDN"), "may not be set to true when hostnameOverride is set");
        }
        if (name.Length > 64)
        {
            errors.TooLong(field, 64);
        }
        errors.Invalid(field, name, NameRules.Subdomain(name));
    }

    private static void ResourceClaims(IReadOnlyList<PodResourceClaim> claims, FieldPath spec, FieldErrors errors)
    {
        if (claims.Count == 0)
        {
            return;
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < claims.Count; i++)
        {
            var claim = claims[i];
            var path = spec.Child("resourceClaims").Index(i);
            if (errors.Needs(claim.Name, path, "name"))
            {
                if (names.Add(claim.Name))
                {
                    errors.Name(claim.Name, path, "name", NameRules.Label);
                }
                else
                {
                    errors.Duplicate(path.Child("name"), claim.Name);
                }
            }
            if (claim is { ResourceClaimName: not null, ResourceClaimTemplateName: not null })
            {
                errors.Invalid(path, claim, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
            }
            if (claim is { ResourceClaimName: null, ResourceClaimTemplateName: null })
            {
                errors.Invalid(path, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
            }
            if (claim.ResourceClaimName is { } name)
            {
                errors.Invalid(path.Child("resourceClaimName"), name, NameRules.Subdomain(name));
            }
            if (claim.ResourceClaimTemplateName is { } template)
            {
                errors.Invalid(path.Child("resourceClaimTemplateName"), template, NameRules.Subdomain(template));
            }
        }
    }

    private static void HostNetwork(FieldPath path, PodValidationContext pod)
    {
        if (pod.Spec.HostNetwork != true)
        {
            return;
        }
        for (var i = 0; i < pod.Spec.Containers.Count; i++)
        {
            var ports = pod.Spec.Containers[i].Ports;
            for (var j = 0; j < ports.Count; j++)
            {
                // A template may leave the host's port open: it is filled in when the pod is made.
                var hostPort = ports[j].HostPort ?? 0;
                if ((pod.IsPod || hostPort != 0) && hostPort != ports[j].ContainerPortValue)
                {
                    pod.Errors.Invalid(path.Child("containers").Index(i).Child("ports").Index(j).Child("hostPort"), hostPort,
                        "must match `containerPort` when `hostNetwork` is true");
                }
            }
        }
    }

    private static void HostUsers(PodSpec spec, FieldPath path, FieldErrors errors)
    {
        const string Reason = "when `pod.Spec.HostUsers` is false";
        if (spec.HostUsers != false)
        {
            return;
        }
        if (spec.HostNetwork == true)
        {
            errors.Forbidden(path.Child("hostNetwork"), Reason);
        }
        if (spec.HostPID == true)
        {
            errors.Forbidden(path.Child("HostPID"), Reason);
        }
        if (spec.HostIPC == true)
        {
            errors.Forbidden(path.Child("HostIPC"), Reason);
        }
    }

    private static bool MentionsWindows(PodSpec spec)
    {
        if (spec.SecurityContext?.WindowsOptions is not null)
        {
            return true;
        }
        for (var i = 0; i < spec.Containers.Count; i++)
        {
            if (spec.Containers[i].SecurityContext?.WindowsOptions is not null)
            {
                return true;
            }
        }
        return false;
    }
}
