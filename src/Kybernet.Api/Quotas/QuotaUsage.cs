using Kybernet.Api.Core.V1;
using Kybernet.Api.Scheduling;

namespace Kybernet.Api.Quotas;

/// <summary>What one object uses of a quota.</summary>
public static class QuotaUsage
{
    private const string Count = "count/";

    // Those that could be counted before everything could keep their short names.
    private static readonly HashSet<string> ShortNames =
        ["pods", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "resourcequotas"];

    /// <summary>What an object uses of what a quota limits; nothing where the quota's scopes leave it out.</summary>
    public static Dictionary<string, Quantity> Of(ResourceQuotaSpec quota, GroupResource resource, EncodedObject item)
    {
        var used = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        if (resource is { Group: "", Resource: "pods" })
        {
            AddPod(used, quota, item.As<Pod>());
        }
        else if (!QuotaScopes.HasAny(quota))
        {
            AddOther(used, resource, item);
        }
        foreach (var name in used.Keys.Where(name => !quota.Hard.ContainsKey(name)).ToList())
        {
            used.Remove(name);
        }
        return used;
    }

    /// <summary>The resources that a quota has to count to know what is used of one of its limits: <c>pods</c>, <c>deployments.apps</c>.</summary>
    public static string CountedBy(string limit)
    {
        if (limit.StartsWith(Count, StringComparison.Ordinal))
        {
            return limit[Count.Length..];
        }
        return ShortNames.Contains(limit) ? limit
            : limit.StartsWith("services.", StringComparison.Ordinal) ? "services"
            : limit is "requests.storage" || limit.Contains(".storageclass.storage.k8s.io/", StringComparison.Ordinal) ? "persistentvolumeclaims"
            : "pods";
    }

    /// <summary>Which limits of a quota a pod has to say a request or limit for, and does not.</summary>
    public static IReadOnlyList<string> Unspecified(ResourceQuotaSpec quota, Pod pod)
    {
        if (!QuotaScopes.Match(quota, pod))
        {
            return [];
        }
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var name in quota.Hard.Keys)
        {
            var (isLimit, resource) = name switch
            {
                "cpu" or "memory" => (false, name),
                "requests.cpu" or "requests.memory" => (false, name["requests.".Length..]),
                "limits.cpu" or "limits.memory" => (true, name["limits.".Length..]),
                _ => (false, ""),
            };
            if (resource.Length > 0 && pod.Spec.Containers.Concat(pod.Spec.InitContainers).Any(container =>
                !((isLimit ? container.Resources?.Limits : container.Resources?.Requests)?.ContainsKey(resource) ?? false)))
            {
                missing.Add(name);
            }
        }
        return [.. missing];
    }

    private static void AddPod(Dictionary<string, Quantity> used, ResourceQuotaSpec quota, Pod pod)
    {
        if (!QuotaScopes.Match(quota, pod))
        {
            return;
        }
        used["count/pods"] = new Quantity(1);
        if (pod.Status.Phase is "Succeeded" or "Failed")
        {
            return; // it is there still, but uses nothing any more
        }
        used["pods"] = new Quantity(1);
        foreach (var (name, quantity) in PodTotals.Requests(pod.Spec))
        {
            used[name] = quantity;
            used["requests." + name] = quantity;
        }
        foreach (var (name, quantity) in PodTotals.Limits(pod.Spec))
        {
            used["limits." + name] = quantity;
        }
    }

    private static void AddOther(Dictionary<string, Quantity> used, GroupResource resource, EncodedObject item)
    {
        used[Count + resource] = new Quantity(1);
        if (resource.Group.Length > 0)
        {
            return;
        }
        used[resource.Resource] = new Quantity(1);
        if (resource.Resource == "services")
        {
            AddService(used, item.As<Service>());
        }
        else if (resource.Resource == "persistentvolumeclaims")
        {
            AddClaim(used, item.As<PersistentVolumeClaim>());
        }
    }

    private static void AddService(Dictionary<string, Quantity> used, Service service)
    {
        var isBalanced = service.Spec.Type == "LoadBalancer";
        used["services.loadbalancers"] = new Quantity(isBalanced ? 1 : 0);
        var ports = service.Spec.Type == "NodePort" || (isBalanced && service.Spec.AllocateLoadBalancerNodePorts != false) ? service.Spec.Ports.Count : 0;
        used["services.nodeports"] = new Quantity(ports);
    }

    private static void AddClaim(Dictionary<string, Quantity> used, PersistentVolumeClaim claim)
    {
        var storage = claim.Spec.Resources?.Requests.GetValueOrDefault("storage") ?? Quantity.Zero;
        used["requests.storage"] = storage;
        if (claim.Spec.StorageClassName is { Length: > 0 } name)
        {
            used[$"{name}.storageclass.storage.k8s.io/requests.storage"] = storage;
            used[$"{name}.storageclass.storage.k8s.io/persistentvolumeclaims"] = new Quantity(1);
        }
    }
}
