using Kybernet.Api.Rbac.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Rbac;

/// <summary>What roles allow and bindings bind.</summary>
internal static class RbacRules
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>Says what is wrong with what a role allows.</summary>
    public static void Rules(IReadOnlyList<PolicyRule> rules, bool isNamespaced, FieldErrors errors)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            var rule = rules[i];
            var path = FieldPath.Of("rules").Index(i);
            if (rule.Verbs.Count == 0)
            {
                errors.Required(path.Child("verbs"), "verbs must contain at least one value");
            }
            if (rule.NonResourceURLs.Count > 0)
            {
                if (isNamespaced)
                {
                    errors.InvalidList(path.Child("nonResourceURLs"), rule.NonResourceURLs, "namespaced rules cannot apply to non-resource URLs");
                }
                if (rule.ApiGroups.Count > 0 || rule.Resources.Count > 0 || rule.ResourceNames.Count > 0)
                {
                    errors.InvalidList(path.Child("nonResourceURLs"), rule.NonResourceURLs, "rules cannot apply to both regular resources and non-resource URLs");
                }
                continue;
            }
            if (rule.ApiGroups.Count == 0)
            {
                errors.Required(path.Child("apiGroups"), "resource rules must supply at least one api group");
            }
            if (rule.Resources.Count == 0)
            {
                errors.Required(path.Child("resources"), "resource rules must supply at least one resource");
            }
        }
    }

    /// <summary>Says what is wrong with the role that is bound.</summary>
    public static void RoleRef(RoleRef reference, bool isNamespaced, FieldErrors errors)
    {
        var path = FieldPath.Of("roleRef");
        if (reference.ApiGroup != Group)
        {
            errors.NotSupported(path.Child("apiGroup"), reference.ApiGroup, [Group]);
        }
        string[] kinds = isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
        if (Array.IndexOf(kinds, reference.Kind) < 0)
        {
            errors.NotSupported(path.Child("kind"), reference.Kind, kinds);
        }
        if (errors.Needs(reference.Name, path, "name"))
        {
            errors.Name(reference.Name, path, "name", NameRules.PathSegment);
        }
    }

    /// <summary>Says that what is bound may not change.</summary>
    public static void SameRoleRef(RoleRef reference, RoleRef previous, FieldErrors errors)
    {
        if (reference.ApiGroup != previous.ApiGroup || reference.Kind != previous.Kind || reference.Name != previous.Name)
        {
            errors.Invalid(FieldPath.Of("roleRef"), reference, "cannot change roleRef");
        }
    }

    /// <summary>Says what is wrong with those who get the role.</summary>
    public static void Subjects(IReadOnlyList<Subject> subjects, bool isNamespaced, FieldErrors errors)
    {
        for (var i = 0; i < subjects.Count; i++)
        {
            var subject = subjects[i];
            var path = FieldPath.Of("subjects").Index(i);
            errors.Needs(subject.Name, path, "name");
            switch (subject.Kind)
            {
                case "ServiceAccount":
                    errors.Name(subject.Name, path, "name", NameRules.Subdomain);
                    if (!string.IsNullOrEmpty(subject.ApiGroup))
                    {
                        errors.NotSupported(path.Child("apiGroup"), subject.ApiGroup, [""]);
                    }
                    if (!isNamespaced)
                    {
                        errors.Needs(subject.Namespace, path, "namespace");
                    }
                    break;
                case "User" or "Group":
                    if (subject.ApiGroup != Group)
                    {
                        errors.NotSupported(path.Child("apiGroup"), subject.ApiGroup ?? "", [Group]);
                    }
                    break;
                default:
                    errors.NotSupported(path.Child("kind"), subject.Kind, ["ServiceAccount", "User", "Group"]);
                    break;
            }
        }
    }
}
