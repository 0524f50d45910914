using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Extensions.Admission;

/// <summary>What is wrong with rules about requests, in upstream's words.</summary>
internal static class RequestRules
{
    private const string Any = "*";

    private static readonly string[] Operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

    /// <summary>Judges a rule.</summary>
    public static void Validate(NamedRuleWithOperations rule, FieldPath path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < rule.ResourceNames.Count; i++)
        {
            errors.Invalid(path.Child("resourceNames").Index(i), rule.ResourceNames[i], NameRules.PathSegment(rule.ResourceNames[i]));
            if (!names.Add(rule.ResourceNames[i]))
            {
                errors.Duplicate(path.Child("resourceNames").Index(i), rule.ResourceNames[i]);
            }
        }
        Validate(rule.Operations, rule.ApiGroups, rule.ApiVersions, rule.Resources, rule.Scope, path, errors);
    }

    /// <summary>Judges the parts that all rules have.</summary>
    public static void Validate(
        IReadOnlyList<string> operations,
        IReadOnlyList<string> groups,
        IReadOnlyList<string> versions,
        IReadOnlyList<string> resources,
        string? scope,
        FieldPath path,
        FieldErrors errors)
    {
        Listed(operations, path.Child("operations"), errors);
        for (var i = 0; i < operations.Count; i++)
        {
            if (!Operations.Contains(operations[i]))
            {
                errors.NotSupported(path.Child("operations").Index(i), operations[i], Operations);
            }
        }
        Listed(groups, path.Child("apiGroups"), errors);
        Listed(versions, path.Child("apiVersions"), errors);
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i].Length == 0)
            {
                errors.Required(path.Child("apiVersions").Index(i));
            }
        }
        Resources(resources, path.Child("resources"), errors);
        errors.OneOf(scope, path, "scope", ["*", "Cluster", "Namespaced"]);
    }

    private static void Listed(IReadOnlyList<string> values, FieldPath path, FieldErrors errors)
    {
        if (values.Count == 0)
        {
            errors.Required(path);
        }
        else if (values.Count > 1 && values.Contains(Any))
        {
            errors.InvalidList(path, values, "if '*' is present, must not specify other values");
        }
    }

    private static void Resources(IReadOnlyList<string> resources, FieldPath path, FieldErrors errors)
    {
        if (resources.Count == 0)
        {
            errors.Required(path);
        }
        for (var i = 0; i < resources.Count; i++)
        {
            if (resources[i].Length == 0)
            {
                errors.Required(path.Index(i));
            }
        }
        if (resources.Count > 1 && resources.Contains("*/*"))
        {
            errors.InvalidList(path, resources, "if '*/*' is present, must not specify other resources");
        }
        if (resources.Count > 1 && resources.Contains(Any) && resources.Any(static resource => !resource.Contains('/', StringComparison.Ordinal) && resource != Any))
        {
            errors.InvalidList(path, resources, "if '*' is present, must not specify other resources without subresources");
        }
    }
}
