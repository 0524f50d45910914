using System.Globalization;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>What holds for a container by itself, of whatever sort.</summary>
internal static class ContainerValidation
{
    /// <summary>When an image is pulled.</summary>
    public static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];

    /// <summary>The protocols of ports.</summary>
    public static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    private static readonly string[] MessagePolicies = ["File", "FallbackToLogsOnError"];
    private static readonly string[] RestartPolicies = ["Always", "Never", "OnFailure"];
    private static readonly string[] RestartActions = ["Restart", "RestartAllContainers"];
    private static readonly string[] ExitCodeOperators = ["In", "NotIn"];
    private static readonly string[] ResizeResources = ["cpu", "memory"];
    private static readonly string[] ResizePolicies = ["NotRequired", "RestartContainer"];

    /// <summary>Says what is wrong with a container.</summary>
    public static void Validate(Container container, FieldPath path, PodValidationContext pod)
    {
        var errors = pod.Errors;
        if (errors.Needs(container.Name, path, "name"))
        {
            errors.Name(container.Name, path, "name", NameRules.Label);
        }
        errors.Needs(container.Image, path, "image");
        errors.OneOf(container.TerminationMessagePolicy, path, "terminationMessagePolicy", MessagePolicies);
        Ports(container.Ports, path, errors);
        EnvironmentValidation.Variables(container.Env, path, errors);
        EnvironmentValidation.Maps(container.EnvFrom, path, errors);
        MountValidation.Mounts(container, path, pod);
        MountValidation.Devices(container, path, pod);
        errors.OneOf(container.ImagePullPolicy, path, "imagePullPolicy", PullPolicies);
        ResourceValidation.Container(container.Resources, path, pod);
        Resizing(container.ResizePolicy, path, pod);
        SecurityContextValidation.Container(container.SecurityContext, path, pod);
    }

    /// <summary>What is held against pods, but for old times' sake not against templates.</summary>
    public static void ValidateInPod(string? image, FieldPath path, FieldErrors errors)
    {
        if (image is { Length: > 0 } && (char.IsWhiteSpace(image[0]) || char.IsWhiteSpace(image[^1])))
        {
            errors.Invalid(path.Child("image"), image, "must not have leading or trailing whitespace");
        }
    }

    /// <summary>Says what is wrong with a container's own rules for restarts.</summary>
    public static void Restarts(Container container, FieldPath path, FieldErrors errors)
    {
        var rules = container.RestartPolicyRules;
        if (container.RestartPolicy is null)
        {
            if (rules.Count > 0)
            {
                errors.Required(path.Child("restartPolicy"), "must specify restartPolicy when restart rules are used");
            }
            return;
        }
        if (Array.IndexOf(RestartPolicies, container.RestartPolicy) < 0)
        {
            errors.NotSupported(path.Child("restartPolicy"), container.RestartPolicy, RestartPolicies);
        }
        if (rules.Count > 20)
        {
            errors.TooMany(path.Child("restartPolicyRules"), rules.Count, 20);
        }
        for (var i = 0; i < rules.Count; i++)
        {
            RestartRule(rules[i], path.Child("restartPolicyRules").Index(i), errors);
        }
    }

    /// <summary>Says which ports of the host are asked for twice.</summary>
    public static void HostPorts(Container container, HashSet<string> taken, FieldPath path, FieldErrors errors)
    {
        for (var i = 0; i < container.Ports.Count; i++)
        {
            var port = container.Ports[i];
            if (port.HostPort is not { } hostPort || hostPort == 0)
            {
                continue;
            }
            var key = string.Create(CultureInfo.InvariantCulture, $"{port.Protocol}/{port.HostIP}/{hostPort}");
            if (!taken.Add(key))
            {
                errors.Duplicate(path.Child("ports").Index(i).Child("hostPort"), key);
            }
        }
    }

    private static void RestartRule(ContainerRestartRule rule, FieldPath path, FieldErrors errors)
    {
        if (Array.IndexOf(RestartActions, rule.Action) < 0)
        {
            errors.NotSupported(path.Child("action"), rule.Action, RestartActions);
        }
        if (rule.ExitCodes is not { } codes)
        {
            errors.Required(path.Child("exitCodes"), "must be specified");
            return;
        }
        if (Array.IndexOf(ExitCodeOperators, codes.Operator) < 0)
        {
            errors.NotSupported(path.Child("exitCodes").Child("operator"), codes.Operator, ExitCodeOperators);
        }
        if (codes.Values.Count > 255)
        {
            errors.TooMany(path.Child("exitCodes").Child("values"), codes.Values.Count, 255);
        }
    }

    private static void Ports(IReadOnlyList<ContainerPort> ports, FieldPath container, FieldErrors errors)
    {
        HashSet<string>? names = null;
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports[i];
            if (port is { ContainerPortValue: > 0 and <= 65535, Name: null, HostPort: null, Protocol: null or "TCP" or "UDP" or "SCTP" })
            {
                continue;
            }
            var path = container.Child("ports").Index(i);
            if (!string.IsNullOrEmpty(port.Name))
            {
                var problems = NameRules.PortName(port.Name);
                errors.Invalid(path.Child("name"), port.Name, problems);
                if (problems.Count == 0 && !(names ??= new(StringComparer.Ordinal)).Add(port.Name))
                {
                    errors.Duplicate(path.Child("name"), port.Name);
                }
            }
            if (port.ContainerPortValue == 0)
            {
                errors.Required(path.Child("containerPort"));
            }
            else
            {
                errors.Port(port.ContainerPortValue, path, "containerPort");
            }
            if (port.HostPort is { } hostPort and not 0)
            {
                errors.Port(hostPort, path, "hostPort");
            }
            errors.OneOf(port.Protocol, path, "protocol", Protocols);
        }
    }

    private static void Resizing(IReadOnlyList<ContainerResizePolicy> policies, FieldPath container, PodValidationContext pod)
    {
        if (policies.Count == 0)
        {
            return;
        }
        var errors = pod.Errors;
        var path = container.Child("resizePolicy");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < policies.Count; i++)
        {
            var policy = policies[i];
            if (!seen.Add(policy.ResourceName))
            {
                errors.Duplicate(path.Index(i), policy.ResourceName);
            }
            errors.OneOf(policy.ResourceName, container, "resizePolicy", ResizeResources);
            errors.OneOf(policy.RestartPolicy, container, "resizePolicy", ResizePolicies);
            if (pod.Spec.RestartPolicy == "Never" && policy.RestartPolicy != "NotRequired")
            {
                errors.Invalid(path, policy.RestartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'");
            }
        }
    }
}
