using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Scheduling;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>What containers and pods ask for: requests no higher than limits, of resources that exist.</summary>
internal static class ResourceValidation
{
    private delegate void NameRule(string name, FieldPath path, FieldErrors errors);

    /// <summary>Says what is wrong with a container's resources.</summary>
    public static void Container(ResourceRequirements? resources, FieldPath container, PodValidationContext pod)
    {
        if (resources is not null)
        {
            Requirements(resources, ResourceNames.Container, container.Child("resources"), pod);
        }
    }

    /// <summary>Says what is wrong with what a runtime adds to a pod's own use.</summary>
    public static void Overhead(IReadOnlyDictionary<string, Quantity> overhead, FieldPath path, PodValidationContext pod)
    {
        if (overhead.Count > 0)
        {
            Requirements(new ResourceRequirements { Limits = overhead }, ResourceNames.Container, path, pod);
        }
    }

    /// <summary>Says what is wrong with the resources of a pod as a whole.</summary>
    public static void Pod(FieldPath spec, PodValidationContext pod)
    {
        if (pod.Spec.Resources is not { } resources)
        {
            return;
        }
        var path = spec.Child("resources");
        if (resources.Claims.Count > 0)
        {
            pod.Errors.Forbidden(path.Child("claims"), "claims cannot be set for Resources at pod-level");
        }
        Requirements(resources, ResourceNames.Pod, path, pod);
        foreach (var (name, total) in PodTotals.ContainerRequests(pod.Spec))
        {
            var request = resources.Requests.TryGetValue(name, out var given) ? given : Quantity.Zero;
            if (total > request && name is "cpu" or "memory")
            {
                pod.Errors.Invalid(path.Child("requests").Key(name), request.ToString(),
                    $"must be greater than or equal to aggregate container requests of {total}");
            }
        }
        for (var i = 0; i < pod.Spec.Containers.Count; i++)
        {
            foreach (var (name, limit) in pod.Spec.Containers[i].Resources?.Limits ?? Maps.NoQuantities)
            {
                if (resources.Limits.TryGetValue(name, out var podLimit) && limit > podLimit)
                {
                    pod.Errors.Invalid(path.Child("containers").Index(i).Key(name).Child("limits"), limit.ToString(),
                        $"must be less than or equal to pod limits of {podLimit}");
                }
            }
        }
    }

    private static void Requirements(ResourceRequirements resources, NameRule nameRule, FieldPath path, PodValidationContext pod)
    {
        var errors = pod.Errors;
        var hasHugePages = false;
        var hasComputeResource = false;
        foreach (var (name, quantity) in resources.Limits)
        {
            hasHugePages |= Entry(name, quantity, nameRule, path, "limits", errors);
            hasComputeResource |= name is "cpu" or "memory";
        }
        foreach (var (name, quantity) in resources.Requests)
        {
            hasHugePages |= Entry(name, quantity, nameRule, path, "requests", errors);
            hasComputeResource |= name is "cpu" or "memory";
            if (resources.Limits.TryGetValue(name, out var limit))
            {
                if (quantity.CompareTo(limit) != 0 && !ResourceNames.IsOvercommitAllowed(name))
                {
                    errors.Invalid(path.Child("requests"), quantity.ToString(), $"must be equal to {name} limit of {limit}");
                }
                else if (quantity > limit)
                {
                    errors.Invalid(path.Child("requests"), quantity.ToString(), $"must be less than or equal to {name} limit of {limit}");
                }
            }
            else if (!ResourceNames.IsOvercommitAllowed(name))
            {
                errors.Required(path.Child("limits"), "Limit must be set for non overcommitable resources");
            }
        }
        if (hasHugePages && !hasComputeResource)
        {
            errors.Forbidden(path, "HugePages require cpu or memory");
        }
        Claims(resources.Claims, path.Child("claims"), pod);
    }

    private static bool Entry(string name, Quantity quantity, NameRule nameRule, FieldPath path, string list, FieldErrors errors)
    {
        if (name is "cpu" or "memory" && quantity.Sign >= 0)
        {
            return false;
        }
        var entry = path.Child(list).Key(name);
        nameRule(name, entry, errors);
        ResourceNames.Quantity(name, quantity, entry, errors);
        if (!ResourceNames.IsHugePages(name))
        {
            return false;
        }
        if (!ResourceNames.IsWholePages(name, quantity))
        {
            errors.Invalid(entry, quantity.ToString(), $"{quantity} is not positive integer multiple of {name}");
        }
        return true;
    }

    private static void Claims(IReadOnlyList<ResourceClaim> claims, FieldPath path, PodValidationContext pod)
    {
        if (claims.Count == 0)
        {
            return;
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < claims.Count; i++)
        {
            var (name, request) = (claims[i].Name, claims[i].Request);
            if (name.Length == 0)
            {
                pod.Errors.Required(path.Index(i));
                continue;
            }
            var key = string.IsNullOrEmpty(request) ? name : $"{name}/{request}";
            pod.Errors.Name(request, path.Index(i), "request", NameRules.Label);
            if (names.Contains(name))
            {
                pod.Errors.Duplicate(path.Index(i), name);
            }
            else if (!names.Add(key))
            {
                pod.Errors.Duplicate(path.Index(i), key);
            }
            else if (key == name && names.Any(other => other.StartsWith(name + "/", StringComparison.Ordinal)))
            {
                pod.Errors.Duplicate(path.Index(i), name);
            }
            if (!pod.Spec.ResourceClaims.Any(claim => claim.Name == name))
            {
                var known = pod.Spec.ResourceClaims.Select(claim => claim.Name).Where(other => other.Length > 0).Order(StringComparer.Ordinal).ToList();
                pod.Errors.Add(FieldErrorReason.FieldValueNotFound, path.Index(i),
                    $"Not found: \"{name}\": must be one of the names in pod.spec.resourceClaims{(known.Count == 0 ? " which is empty" : ": " + string.Join(", ", known))}");
            }
        }
    }
}
