using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Cel;
using Kybernet.Api.Schema;

namespace Kybernet.Controllers.AdmissionPolicies;

/// <summary>
/// Says what is wrong with a policy's expressions if objects are of the types that the policy is about. The policy is in force all the same: its
/// expressions may be about objects of several types, and look before they leap.
/// </summary>
internal sealed class PolicyTypeChecker(SchemaDeclarations declarations)
{
    /// <summary>With more types than this nothing is checked twice over.</summary>
    private const int MaxTypes = 10;

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<ExpressionWarning> Check(ValidatingAdmissionPolicySpec spec)
    {
        var kinds = Kinds(spec).ToList();
        var warnings = new List<ExpressionWarning>();
        for (var i = 0; i < spec.Validations.Count; i++)
        {
            Check(spec, kinds, spec.Validations[i].Expression, $"spec.validations[{i}].expression", warnings);
            if (spec.Validations[i].MessageExpression is { Length: > 0 } message)
            {
                Check(spec, kinds, message, $"spec.validations[{i}].messageExpression", warnings);
            }
        }
        return warnings;
    }

    private void Check(ValidatingAdmissionPolicySpec spec, List<GroupVersionKind> kinds, string expression, string field, List<ExpressionWarning> warnings)
    {
        var problems = new List<string>();
        foreach (var kind in kinds)
        {
            var errors = Environment(spec, kind).Compile(expression).Errors;
            if (errors.Length > 0)
            {
                problems.Add($"{kind}: {errors}\n");
            }
        }
        if (problems.Count > 0)
        {
            warnings.Add(new ExpressionWarning { FieldRef = field, Warning = string.Join('\n', problems) });
        }
    }

    private CelEnvironment Environment(ValidatingAdmissionPolicySpec spec, GroupVersionKind kind)
    {
        var parameters = spec.ParamKind is { } named ? TypeOf(KindOf(named)) : null;
        var variables = new CelVariables(AdmissionEnvironment.Of(spec.ParamKind is not null, hasAuthorizer: true, TypeOf(kind), parameters));
        foreach (var variable in spec.Variables)
        {
            variables.Add(variable.Name, variable.Expression);
        }
        return variables.Environment;
    }

    private CelObjectType? TypeOf(GroupVersionKind kind) => ResourceSchema.BuiltIn.Find(kind) is { } schema ? declarations.Of(schema) : null;

    private static GroupVersionKind KindOf(ParamKind kind)
    {
        var version = GroupVersion.Parse(kind.ApiVersion ?? "");
        return new GroupVersionKind(version.Group, version.Version, kind.Kind ?? "");
    }

    /// <summary>The built-in kinds that rules name; a rule with a wildcard names none.</summary>
    private static IEnumerable<GroupVersionKind> Kinds(ValidatingAdmissionPolicySpec spec) =>
        (spec.MatchConstraints?.ResourceRules ?? []).SelectMany(static rule =>
            from apiGroup in Named(rule.ApiGroups)
            from version in Named(rule.ApiVersions)
            from resource in rule.Resources.Where(static resource => resource.AsSpan().IndexOfAny('*', '/') < 0).Order(StringComparer.Ordinal)
            select ResourceRegistry.Default.Find(new GroupVersionResource(apiGroup, version, resource))?.Kind)
        .OfType<GroupVersionKind>()
        .Distinct()
        .Take(MaxTypes)
        .OrderBy(static kind => (kind.Group, kind.Version, kind.Kind));

    private static IEnumerable<string> Named(IReadOnlyList<string> names) => names.Any(static name => name.Contains('*', StringComparison.Ordinal)) ? [] : names.Order(StringComparer.Ordinal);
}
