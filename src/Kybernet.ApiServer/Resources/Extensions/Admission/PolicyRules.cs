using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Cel;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Admission.Expressions;

namespace Kybernet.ApiServer.Resources.Extensions.Admission;

/// <summary>What is wrong with what all policies of admission have, in upstream's words.</summary>
internal static class PolicyRules
{
    private const int MaxConditions = 64;

    private static readonly char[] LineBreaks = ['\n', '\r'];

    /// <summary>Judges the kind of a policy's settings.</summary>
    public static void ParameterKind(ParamKind? kind, FieldPath path, FieldErrors errors)
    {
        if (kind is null)
        {
            return;
        }
        if (errors.Needs(kind.ApiVersion, path, "apiVersion"))
        {
            Version(kind.ApiVersion!, path.Child("apiVersion"), errors);
        }
        if (errors.Needs(kind.Kind, path, "kind") && NameRules.Label1035(kind.Kind!.ToLowerInvariant()) is { Count: > 0 } problems)
        {
            errors.Invalid(path.Child("kind"), kind.Kind, "may have mixed case, but should otherwise match: " + string.Join(',', problems));
        }
    }

    /// <summary>Judges the conditions under which something is about a request.</summary>
    public static void Conditions(IReadOnlyList<MatchCondition> conditions, CelEnvironment environment, FieldPath path, FieldErrors errors)
    {
        if (conditions.Count > MaxConditions)
        {
            errors.TooMany(path, conditions.Count, MaxConditions);
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < conditions.Count; i++)
        {
            var (place, condition) = (path.Index(i), conditions[i]);
            if (condition.Expression.Trim().Length == 0)
            {
                errors.Required(place.Child("expression"));
            }
            else
            {
                Expression(new CompiledExpression(environment, condition.Expression.Trim(), CelType.Bool), place.Child("expression"), errors);
            }
            if (errors.Needs(condition.Name, place, "name"))
            {
                errors.Invalid(place.Child("name"), condition.Name, LabelRules.QualifiedName(condition.Name));
                if (!names.Add(condition.Name))
                {
                    errors.Duplicate(place.Child("name"), condition.Name);
                }
            }
        }
    }

    /// <summary>Judges a policy's variables, and makes them known to what comes after.</summary>
    public static void Variables(IReadOnlyList<Variable> variables, CelVariables known, FieldPath path, FieldErrors errors)
    {
        for (var i = 0; i < variables.Count; i++)
        {
            var (place, variable) = (path.Index(i), variables[i]);
            if (variable.Name.Trim().Length == 0)
            {
                errors.Required(place.Child("name"), "name is not specified");
            }
            else if (CelNames.Escape(variable.Name) != variable.Name)
            {
                errors.Invalid(place.Child("name"), variable.Name, "name is not a valid CEL identifier");
            }
            if (variable.Expression.Trim().Length == 0)
            {
                errors.Required(place.Child("expression"), "expression is not specified");
            }
            else if (known.Add(variable.Name, variable.Expression) is { Program: null } wrong)
            {
                errors.Invalid(place.Child("expression"), variable.Expression, "compilation failed: " + wrong.Errors);
            }
        }
    }

    /// <summary>Judges an expression.</summary>
    public static void Expression(CompiledExpression expression, FieldPath path, FieldErrors errors)
    {
        if (expression.Problem is { } problem)
        {
            errors.Invalid(path, expression.Text, problem);
        }
    }

    /// <summary>Judges which requests are meant.</summary>
    public static void Matching(MatchResources resources, FieldPath path, FieldErrors errors)
    {
        errors.OneOf(resources.MatchPolicy, path, "matchPolicy", ["Equivalent", "Exact"]);
        LabelRules.ValidateSelector(resources.NamespaceSelector, path.Child("namespaceSelector"), errors);
        LabelRules.ValidateSelector(resources.ObjectSelector, path.Child("objectSelector"), errors);
        for (var i = 0; i < resources.ResourceRules.Count; i++)
        {
            RequestRules.Validate(resources.ResourceRules[i], path.Child("resourceRules").Index(i), errors);
        }
        for (var i = 0; i < resources.ExcludeResourceRules.Count; i++)
        {
            RequestRules.Validate(resources.ExcludeResourceRules[i], path.Child("excludeResourceRules").Index(i), errors);
        }
    }

    /// <summary>Judges the requests that a policy is about: some resource has to be named.</summary>
    public static void Constraints(MatchResources? constraints, FieldPath path, FieldErrors errors)
    {
        if (constraints is null)
        {
            errors.Required(path);
            return;
        }
        Matching(constraints, path, errors);
        if (constraints.ResourceRules.Count == 0)
        {
            errors.Required(path.Child("resourceRules"));
        }
    }

    /// <summary>Judges where a binding says that settings are.</summary>
    public static void Reference(ParamRef? reference, FieldPath path, FieldErrors errors)
    {
        if (reference is null)
        {
            return;
        }
        var hasName = reference.Name is { Length: > 0 };
        if (hasName)
        {
            errors.Invalid(path.Child("name"), reference.Name, NameRules.PathSegment(reference.Name!));
        }
        if (hasName && reference.Selector is not null)
        {
            errors.Forbidden(path.Child("name"), "name and selector are mutually exclusive");
        }
        LabelRules.ValidateSelector(reference.Selector, path.Child("selector"), errors);
        if (hasName && reference.Selector is not null)
        {
            errors.Forbidden(path.Child("selector"), "name and selector are mutually exclusive");
        }
        if (!hasName && reference.Selector is null)
        {
            errors.Required(path, "one of name or selector must be specified");
        }
        if (errors.Needs(reference.ParameterNotFoundAction, path, "parameterNotFoundAction"))
        {
            errors.OneOf(reference.ParameterNotFoundAction, path, "parameterNotFoundAction", ["Deny", "Allow"]);
        }
    }

    /// <summary>Judges the name of the policy that a binding binds.</summary>
    public static void PolicyName(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
        }
        else
        {
            errors.Invalid(path, name, NameRules.Subdomain(name));
        }
    }

    /// <summary>Whether a text has more than one line.</summary>
    public static bool HasLineBreaks(string text) => text.IndexOfAny(LineBreaks) >= 0;

    private static void Version(string apiVersion, FieldPath path, FieldErrors errors)
    {
        var parts = apiVersion.Split('/');
        if (parts.Length > 2)
        {
            errors.Invalid(path, apiVersion, $"unexpected GroupVersion string: {apiVersion}");
            return;
        }
        var (group, version) = parts.Length == 2 ? (parts[0], parts[1]) : ("", parts[0]);
        if (group.Length > 0 && NameRules.Subdomain(group) is { Count: > 0 } groupProblems)
        {
            errors.Invalid(path, group, string.Join(',', groupProblems));
        }
        if (version.Length == 0)
        {
            errors.Invalid(path, apiVersion, "version must be specified");
        }
        else if (NameRules.Label1035(version) is { Count: > 0 } problems)
        {
            errors.Invalid(path, version, string.Join(',', problems));
        }
    }
}
