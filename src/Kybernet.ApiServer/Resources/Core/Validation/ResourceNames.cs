using System.Collections.Frozen;
using Kybernet.Api;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>The names of compute and quota resources, and which quantities they may have.</summary>
internal static class ResourceNames
{
    private static readonly FrozenSet<string> Quota = FrozenSet.ToFrozenSet(
    [
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage",
        "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers",
        "secrets", "persistentvolumeclaims", "configmaps", "services.nodeports", "services.loadbalancers",
    ]);

    private static readonly FrozenSet<string> Counted = FrozenSet.ToFrozenSet(
    [
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims",
        "services.nodeports", "services.loadbalancers",
    ]);

    /// <summary>Pages of a certain size, as in <c>hugepages-2Mi</c>.</summary>
    public static bool IsHugePages(string name) => name.StartsWith("hugepages-", StringComparison.Ordinal);

    /// <summary>Whether the name is Kubernetes' own: unprefixed, or below <c>kubernetes.io</c>.</summary>
    public static bool IsNative(string name) => !name.Contains('/') || name.Contains("kubernetes.io/", StringComparison.Ordinal);

    /// <summary>Whether more of it may be asked for in limits than in requests.</summary>
    public static bool IsOvercommitAllowed(string name) => IsNative(name) && !IsHugePages(name);

    /// <summary>Whether the name is a device's or other vendor's resource.</summary>
    public static bool IsExtended(string name) =>
        !IsNative(name) && !name.StartsWith("requests.", StringComparison.Ordinal) && LabelRules.QualifiedName("requests." + name).Count == 0;

    /// <summary>A resource that a container may ask for.</summary>
    public static void Container(string name, FieldPath path, FieldErrors errors)
    {
        if (name is "cpu" or "memory" or "ephemeral-storage")
        {
            return;
        }
        Any(name, path, errors);
        if (!name.Contains('/'))
        {
            if (!IsHugePages(name))
            {
                errors.Invalid(path, name, "must be a standard resource for containers");
            }
        }
        else if (!IsNative(name) && !IsExtended(name))
        {
            errors.Invalid(path, name, "doesn't follow extended resource name standard");
        }
    }

    /// <summary>A resource that a whole pod may ask for.</summary>
    public static void Pod(string name, FieldPath path, FieldErrors errors)
    {
        if (Any(name, path, errors) && name is not ("cpu" or "memory") && !IsHugePages(name))
        {
            errors.NotSupported(path, name, ["cpu", "memory"]);
        }
    }

    /// <summary>Whether Kubernetes itself counts the resource for quotas.</summary>
    public static bool IsQuota(string name) =>
        Quota.Contains(name) || IsHugePages(name) || name.StartsWith("requests.hugepages-", StringComparison.Ordinal);

    /// <summary>A resource that a quota may limit.</summary>
    public static void ForQuota(string name, FieldPath path, FieldErrors errors)
    {
        Any(name, path, errors);
        if (!name.Contains('/') && !IsQuota(name))
        {
            errors.Invalid(path, name, "must be a standard resource for quota");
        }
    }

    /// <summary>A resource's name of any kind.</summary>
    /// <returns>Whether it is right.</returns>
    public static bool Any(string name, FieldPath path, FieldErrors errors)
    {
        var problems = LabelRules.QualifiedName(name);
        if (problems.Count > 0)
        {
            errors.Invalid(path, name, problems);
            return false;
        }
        if (!name.Contains('/') && !IsQuota(name) && name != "storage")
        {
            errors.Invalid(path, name, "must be a standard resource type or fully qualified");
            return false;
        }
        return true;
    }

    /// <summary>A quantity of a resource: not negative, and whole where the resource is counted.</summary>
    public static void Quantity(string name, Quantity quantity, FieldPath path, FieldErrors errors)
    {
        if (quantity.Sign < 0)
        {
            errors.Invalid(path, quantity.ToString(), FieldRules.Negative);
        }
        if ((Counted.Contains(name) || (name.Contains('/') && IsExtended(name))) && quantity.MilliValue % 1000 != 0)
        {
            errors.Invalid(path, quantity.ToString(), "must be an integer");
        }
    }

    /// <summary>Whether a quantity of huge pages is a number of whole pages.</summary>
    public static bool IsWholePages(string name, Quantity quantity) =>
        Api.Quantity.TryParse(name["hugepages-".Length..], out var page) && page.Sign > 0 && quantity.ToInt64() % page.ToInt64() == 0;
}
