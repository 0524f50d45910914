using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>References to a pod's own fields and to its containers' resources, in variables and files.</summary>
internal static class DownwardReferences
{
    /// <summary>The fields that a variable may show.</summary>
    public static readonly string[] VariableFields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    /// <summary>The fields that a file may show.</summary>
    public static readonly string[] VolumeFields =
        ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

    private static readonly string[] KnownFields =
    [
        "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
        "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName", "status.phase", "status.hostIP", "status.hostIPs",
        "status.podIP", "status.podIPs", "spec.host",
    ];

    private static readonly string[] Resources =
    [
        "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory",
    ];

    private static readonly string[] CpuDivisors = ["1m", "1"];
    private static readonly string[] ByteDivisors = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

    /// <summary>Says what is wrong with a reference to a field.</summary>
    public static void Field(ObjectFieldSelector reference, string[] allowed, FieldPath path, FieldErrors errors)
    {
        // The static default for an absent apiVersion is v1; an empty one stays and is refused.
        if (reference.ApiVersion is "" || !errors.Needs(reference.FieldPath, path, "fieldPath"))
        {
            errors.Needs(reference.ApiVersion ?? "v1", path, "apiVersion");
            return;
        }
        if (reference.ApiVersion is not (null or "v1"))
        {
            errors.Invalid(path.Child("fieldPath"), reference.FieldPath, $"error converting fieldPath: unsupported pod version: {reference.ApiVersion}");
            return;
        }
        var (field, subscript) = Split(reference.FieldPath);
        if (subscript is not null)
        {
            Subscript(field, subscript, path, errors);
            return;
        }
        if (Array.IndexOf(KnownFields, field) < 0)
        {
            errors.Invalid(path.Child("fieldPath"), field, $"error converting fieldPath: field label not supported: {field}");
            return;
        }
        if (Array.IndexOf(allowed, field) < 0)
        {
            errors.NotSupported(path.Child("fieldPath"), field, allowed);
        }
    }

    /// <summary>Says what is wrong with a reference to a container's resource.</summary>
    public static void Resource(ResourceFieldSelector reference, FieldPath path, FieldErrors errors, bool inVolume)
    {
        if (inVolume && string.IsNullOrEmpty(reference.ContainerName))
        {
            errors.Required(path.Child("containerName"));
        }
        else if (reference.Resource.Length == 0)
        {
            errors.Required(path.Child("resource"));
        }
        else if (Array.IndexOf(Resources, reference.Resource) < 0 && !IsHugePages(reference.Resource))
        {
            errors.NotSupported(path.Child("resource"), reference.Resource, Resources);
        }
        if (reference.Divisor is { IsZero: false } divisor)
        {
            Divisor(reference.Resource, divisor, path, errors);
        }
    }

    private static void Subscript(string field, string subscript, FieldPath path, FieldErrors errors)
    {
        switch (field)
        {
            case "metadata.annotations":
                errors.Invalid(path, subscript.ToLowerInvariant(), LabelRules.QualifiedName(subscript.ToLowerInvariant()));
                break;
            case "metadata.labels":
                errors.Invalid(path, subscript, LabelRules.QualifiedName(subscript));
                break;
            default:
                errors.Invalid(path.Child("fieldPath"), $"{field}['{subscript}']",
                    $"error converting fieldPath: field label does not support subscript: {field}['{subscript}']");
                break;
        }
    }

    private static (string Field, string? Subscript) Split(string fieldPath)
    {
        if (!fieldPath.EndsWith("']", StringComparison.Ordinal))
        {
            return (fieldPath, null);
        }
        var open = fieldPath.IndexOf("['", StringComparison.Ordinal);
        return open <= 0 ? (fieldPath, null) : (fieldPath[..open], fieldPath[(open + 2)..^2]);
    }

    private static void Divisor(string resource, Quantity divisor, FieldPath path, FieldErrors errors)
    {
        const string Bytes = "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the ";
        var text = divisor.ToString();
        var isCpu = resource is "limits.cpu" or "requests.cpu";
        if (Array.IndexOf(isCpu ? CpuDivisors : ByteDivisors, text) >= 0)
        {
            return;
        }
        var problem = resource switch
        {
            "limits.cpu" or "requests.cpu" => "only divisor's values 1m and 1 are supported with the cpu resource",
            "limits.memory" or "requests.memory" => Bytes + "memory resource",
            "limits.ephemeral-storage" or "requests.ephemeral-storage" => Bytes + "local ephemeral storage resource",
            _ when IsHugePages(resource) => Bytes + "hugepages resource",
            _ => null,
        };
        if (problem is not null)
        {
            errors.Invalid(path.Child("divisor"), resource, problem);
        }
    }

    private static bool IsHugePages(string resource) =>
        resource.StartsWith("limits.hugepages-", StringComparison.Ordinal) || resource.StartsWith("requests.hugepages-", StringComparison.Ordinal);
}
