using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>ResourceQuotas: what may be counted, and for which pods.</summary>
internal static class ResourceQuotas
{
    private const string PriorityScope = "PriorityClass";
    private const string VolumeScope = "VolumeAttributesClass";

    private static readonly FieldPath Spec = FieldPath.Of("spec");
    private static readonly string[] Scopes =
        ["BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", PriorityScope, "Terminating", VolumeScope];

    private static readonly (string, string)[] Conflicts = [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")];

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<ResourceQuota>().Spec;
        Amounts(spec.Hard, Spec.Child("hard"), errors);
        foreach (var scope in spec.Scopes)
        {
            Scope(scope, spec, detail => errors.InvalidList(Spec.Child("scopes"), spec.Scopes, detail));
        }
        if (Conflicts.Any(pair => spec.Scopes.Contains(pair.Item1) && spec.Scopes.Contains(pair.Item2)))
        {
            errors.InvalidList(Spec.Child("scopes"), spec.Scopes, "conflicting scopes");
        }
        if (spec.ScopeSelector is { } selector)
        {
            Selector(selector, spec, Spec.Child("scopeSelector").Child("matchExpressions"), errors);
        }
    }

    /// <summary>What a quota counts is chosen once.</summary>
    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var scopes = item.As<ResourceQuota>().Spec.Scopes;
        if (!scopes.ToHashSet().SetEquals(previous.As<ResourceQuota>().Spec.Scopes))
        {
            errors.InvalidList(Spec.Child("scopes"), scopes, FieldRules.Immutable);
        }
    }

    public static void ValidateStatus(EncodedObject item, FieldErrors errors)
    {
        var status = item.As<ResourceQuota>().Status;
        Amounts(status.Hard, FieldPath.Of("status").Child("hard"), errors);
        Amounts(status.Used, FieldPath.Of("status").Child("used"), errors);
    }

    private static void Amounts(IReadOnlyDictionary<string, Quantity> amounts, FieldPath path, FieldErrors errors)
    {
        foreach (var (name, quantity) in amounts)
        {
            ResourceNames.ForQuota(name, path.Key(name), errors);
            ResourceNames.Quantity(name, quantity, path.Key(name), errors);
        }
    }

    private static void Selector(ScopeSelector selector, ResourceQuotaSpec spec, FieldPath path, FieldErrors errors)
    {
        foreach (var requirement in selector.MatchExpressions) // upstream's paths do not say which
        {
            Scope(requirement.ScopeName, spec, detail => errors.Invalid(path.Child("scopeName"), requirement.ScopeName, detail));
            if (requirement.ScopeName is not (PriorityScope or VolumeScope) && requirement.Operator != "Exists")
            {
                errors.Invalid(path.Child("operator"), requirement.Operator,
                    "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, " +
                    "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
            }
            switch (requirement.Operator)
            {
                case "In" or "NotIn" when requirement.Values.Count == 0:
                    errors.Required(path.Child("values"), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
                    break;
                case "Exists" or "DoesNotExist" when requirement.Values.Count > 0:
                    errors.InvalidList(path.Child("values"), requirement.Values,
                        "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
                    break;
                case not ("In" or "NotIn" or "Exists" or "DoesNotExist"):
                    errors.Invalid(path.Child("operator"), requirement.Operator, "not a valid selector operator");
                    break;
            }
        }
    }

    private static void Scope(string scope, ResourceQuotaSpec spec, Action<string> refuse)
    {
        if (Array.IndexOf(Scopes, scope) < 0)
        {
            refuse("unsupported scope");
            return;
        }
        if (spec.Hard.Keys.Any(name => ResourceNames.IsQuota(name) && !Covers(scope, name)))
        {
            refuse("unsupported scope applied to resource");
        }
    }

    private static bool Covers(string scope, string resource) => scope switch
    {
        "BestEffort" => resource == "pods",
        VolumeScope => resource is "persistentvolumeclaims" or "requests.storage",
        _ => resource is "pods" or "cpu" or "memory" or "limits.cpu" or "limits.memory" or "requests.cpu" or "requests.memory",
    };
}
