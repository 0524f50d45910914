using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>What else decides where a pod goes: taints and tolerations, spreading over topologies, gates.</summary>
internal static class SchedulingValidation
{
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    private static readonly string[] TolerationOperators = ["Equal", "Exists"];
    private static readonly string[] Actions = ["DoNotSchedule", "ScheduleAnyway"];
    private static readonly string[] InclusionPolicies = ["Honor", "Ignore"];

    /// <summary>Says what is wrong with tolerations.</summary>
    public static void Tolerations(IReadOnlyList<Toleration> tolerations, FieldPath list, FieldErrors errors)
    {
        for (var i = 0; i < tolerations.Count; i++)
        {
            Toleration(tolerations[i], list.Index(i), errors);
        }
    }

    /// <summary>Says what is wrong with a node's taints.</summary>
    public static void Taints(IReadOnlyList<Taint> taints, FieldPath list, FieldErrors errors)
    {
        var seen = new HashSet<(string Effect, string Key)>();
        for (var i = 0; i < taints.Count; i++)
        {
            var taint = taints[i];
            var path = list.Index(i);
            LabelRules.ValidateKey(taint.Key, path.Child("key"), errors);
            var problems = LabelRules.Value(taint.Value ?? "");
            if (problems.Count > 0)
            {
                errors.Invalid(path.Child("value"), taint.Value, string.Join(";", problems));
            }
            if (errors.Needs(taint.Effect, path, "effect"))
            {
                Effect(taint.Effect, path, errors);
            }
            if (!seen.Add((taint.Effect, taint.Key)))
            {
                errors.Add(FieldErrorReason.FieldValueDuplicate, path,
                    $"Duplicate value: {Api.Json.ModelJson.ToText(taint)}: taints must be unique by key and effect pair");
            }
        }
    }

    /// <summary>Says what is wrong with how a pod's kind is spread.</summary>
    public static void TopologySpread(IReadOnlyList<TopologySpreadConstraint> constraints, FieldPath spec, FieldErrors errors)
    {
        for (var i = 0; i < constraints.Count; i++)
        {
            var path = spec.Child("topologySpreadConstraints").Index(i);
            Spread(constraints[i], path, errors);
            for (var j = i + 1; j < constraints.Count; j++)
            {
                if (constraints[j].TopologyKey == constraints[i].TopologyKey && constraints[j].WhenUnsatisfiable == constraints[i].WhenUnsatisfiable)
                {
                    errors.Duplicate(path.Child("{topologyKey, whenUnsatisfiable}"), $"{{{constraints[i].TopologyKey}, {constraints[i].WhenUnsatisfiable}}}");
                    break;
                }
            }
        }
    }

    /// <summary>Says what is wrong with the conditions that readiness waits for, and the gates that scheduling waits for.</summary>
    public static void Gates(PodSpec spec, FieldPath path, FieldErrors errors)
    {
        for (var i = 0; i < spec.ReadinessGates.Count; i++)
        {
            var type = spec.ReadinessGates[i].ConditionType;
            errors.Invalid(path.Child("readinessGates").Index(i).Child("conditionType"), type, LabelRules.QualifiedName(type));
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < spec.SchedulingGates.Count; i++)
        {
            var name = spec.SchedulingGates[i].Name;
            errors.Invalid(path.Child("schedulingGates").Index(i), name, LabelRules.QualifiedName(name));
            if (!seen.Add(name))
            {
                errors.Duplicate(path.Child("schedulingGates").Index(i), name);
            }
        }
    }

    private static void Toleration(Toleration toleration, FieldPath path, FieldErrors errors)
    {
        var key = toleration.Key ?? "";
        if (key.Length > 0)
        {
            LabelRules.ValidateKey(key, path.Child("key"), errors);
        }
        else if (toleration.Operator != "Exists")
        {
            errors.Invalid(path.Child("operator"), toleration.Operator ?? "",
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }
        if (toleration.TolerationSeconds is not null && toleration.Effect != "NoExecute")
        {
            errors.Invalid(path.Child("effect"), toleration.Effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
        switch (toleration.Operator)
        {
            case null or "" or "Equal":
                var problems = LabelRules.Value(toleration.Value ?? "");
                if (problems.Count > 0)
                {
                    errors.Invalid(path.Child("operator"), toleration.Value, string.Join(";", problems));
                }
                break;
            case "Exists":
                if (!string.IsNullOrEmpty(toleration.Value))
                {
                    errors.Invalid(path.Child("operator"), toleration.Value, "value must be empty when `operator` is 'Exists'");
                }
                break;
            default:
                errors.NotSupported(path.Child("operator"), toleration.Operator, TolerationOperators);
                break;
        }
        if (!string.IsNullOrEmpty(toleration.Effect))
        {
            Effect(toleration.Effect, path, errors);
        }
    }

    private static void Effect(string effect, FieldPath path, FieldErrors errors)
    {
        if (Array.IndexOf(Effects, effect) < 0)
        {
            errors.NotSupported(path.Child("effect"), effect, Effects);
        }
    }

    private static void Spread(TopologySpreadConstraint constraint, FieldPath path, FieldErrors errors)
    {
        if (constraint.MaxSkew <= 0)
        {
            errors.Invalid(path.Child("maxSkew"), constraint.MaxSkew, FieldRules.NotPositive);
        }
        if (constraint.TopologyKey.Length == 0)
        {
            errors.Required(path.Child("topologyKey"), "can not be empty");
        }
        if (Array.IndexOf(Actions, constraint.WhenUnsatisfiable) < 0)
        {
            errors.NotSupported(path.Child("whenUnsatisfiable"), constraint.WhenUnsatisfiable, Actions);
        }
        if (constraint.MinDomains is { } domains)
        {
            if (domains <= 0)
            {
                errors.Invalid(path.Child("minDomains"), domains, FieldRules.NotPositive);
            }
            if (constraint.WhenUnsatisfiable != "DoNotSchedule")
            {
                errors.Invalid(path.Child("minDomains"), domains,
                    $"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {constraint.WhenUnsatisfiable}");
            }
        }
        errors.OneOf(constraint.NodeAffinityPolicy, path, "nodeAffinityPolicy", InclusionPolicies);
        errors.OneOf(constraint.NodeTaintsPolicy, path, "nodeTaintsPolicy", InclusionPolicies);
        MatchLabelKeys(constraint, path.Child("matchLabelKeys"), errors);
        LabelRules.ValidateSelector(constraint.LabelSelector, path.Child("labelSelector"), errors);
    }

    private static void MatchLabelKeys(TopologySpreadConstraint constraint, FieldPath path, FieldErrors errors)
    {
        var keys = constraint.MatchLabelKeys;
        if (keys.Count == 0)
        {
            return;
        }
        if (constraint.LabelSelector is null)
        {
            errors.Forbidden(path, "must not be specified when labelSelector is not set");
        }
        for (var i = 0; i < keys.Count; i++)
        {
            LabelRules.ValidateKey(keys[i], path.Index(i), errors);
            if (constraint.LabelSelector is { } selector && SelectsTwice(selector, keys[i]))
            {
                errors.Invalid(path.Index(i), keys[i], "exists in both matchLabelKeys and labelSelector");
            }
        }
    }

    private static bool SelectsTwice(LabelSelector selector, string key) =>
        selector.MatchLabels.ContainsKey(key) || selector.MatchExpressions.Any(requirement => requirement.Key == key);
}
