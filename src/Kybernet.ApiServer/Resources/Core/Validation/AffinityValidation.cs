using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>Which nodes a pod wants, and which pods it wants to be near or far from.</summary>
internal static class AffinityValidation
{
    /// <summary>Says what is wrong with the affinities.</summary>
    public static void Validate(Affinity? affinity, FieldPath spec, FieldErrors errors)
    {
        if (affinity is null)
        {
            return;
        }
        var path = spec.Child("affinity");
        if (affinity.NodeAffinity is { } node)
        {
            Node(node, path.Child("nodeAffinity"), errors);
        }
        if (affinity.PodAffinity is { } near)
        {
            Pods(near.RequiredDuringSchedulingIgnoredDuringExecution, near.PreferredDuringSchedulingIgnoredDuringExecution,
                path.Child("podAffinity"), errors);
        }
        if (affinity.PodAntiAffinity is { } far)
        {
            Pods(far.RequiredDuringSchedulingIgnoredDuringExecution, far.PreferredDuringSchedulingIgnoredDuringExecution,
                path.Child("podAntiAffinity"), errors);
        }
    }

    /// <summary>Says what is wrong with a selection of nodes.</summary>
    public static void NodeSelector(NodeSelector selector, FieldPath path, FieldErrors errors)
    {
        var terms = path.Child("nodeSelectorTerms");
        if (selector.NodeSelectorTerms.Count == 0)
        {
            errors.Required(terms, "must have at least one node selector term");
        }
        for (var i = 0; i < selector.NodeSelectorTerms.Count; i++)
        {
            Term(selector.NodeSelectorTerms[i], terms.Index(i), errors, allowInvalidValues: false);
        }
    }

    /// <summary>Says what is wrong with the keys whose values are taken from the pod itself.</summary>
    public static void MatchLabelKeys(IReadOnlyList<string> keys, LabelSelector? selector, FieldPath path, FieldErrors errors)
    {
        if (keys.Count == 0)
        {
            return;
        }
        if (selector is null)
        {
            errors.Forbidden(path, "must not be specified when labelSelector is not set");
            return;
        }
        for (var i = 0; i < keys.Count; i++)
        {
            LabelRules.ValidateKey(keys[i], path.Index(i), errors);
        }
    }

    private static void Node(NodeAffinity affinity, FieldPath path, FieldErrors errors)
    {
        if (affinity.RequiredDuringSchedulingIgnoredDuringExecution is { } required)
        {
            NodeSelector(required, path.Child("requiredDuringSchedulingIgnoredDuringExecution"), errors);
        }
        var preferred = affinity.PreferredDuringSchedulingIgnoredDuringExecution;
        for (var i = 0; i < preferred.Count; i++)
        {
            var item = path.Child("preferredDuringSchedulingIgnoredDuringExecution").Index(i);
            Weight(preferred[i].Weight, item, errors);
            Term(preferred[i].Preference, item.Child("preference"), errors, allowInvalidValues: true);
        }
    }

    private static void Term(NodeSelectorTerm term, FieldPath path, FieldErrors errors, bool allowInvalidValues)
    {
        for (var i = 0; i < term.MatchExpressions.Count; i++)
        {
            Expression(term.MatchExpressions[i], path.Child("matchExpressions").Index(i), errors, allowInvalidValues);
        }
        for (var i = 0; i < term.MatchFields.Count; i++)
        {
            Field(term.MatchFields[i], path.Child("matchFields").Index(i), errors);
        }
    }

    private static void Expression(NodeSelectorRequirement requirement, FieldPath path, FieldErrors errors, bool allowInvalidValues)
    {
        var count = requirement.Values.Count;
        switch (requirement.Operator)
        {
            case "In" or "NotIn" when count == 0:
                errors.Required(path.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist" when count > 0:
                errors.Forbidden(path.Child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "Gt" or "Lt" when count != 1:
                errors.Required(path.Child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'");
                break;
            case "In" or "NotIn" or "Exists" or "DoesNotExist" or "Gt" or "Lt":
                break;
            default:
                errors.Invalid(path.Child("operator"), requirement.Operator, "not a valid selector operator");
                break;
        }
        LabelRules.ValidateKey(requirement.Key, path.Child("key"), errors);
        for (var i = 0; i < count && !allowInvalidValues; i++)
        {
            errors.Invalid(path.Child("values").Index(i), requirement.Values[i], LabelRules.Value(requirement.Values[i]));
        }
    }

    private static void Field(NodeSelectorRequirement requirement, FieldPath path, FieldErrors errors)
    {
        if (requirement.Operator is not ("In" or "NotIn"))
        {
            errors.Invalid(path.Child("operator"), requirement.Operator, "not a valid selector operator");
        }
        else if (requirement.Values.Count != 1)
        {
            errors.Required(path.Child("values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
        }
        if (requirement.Key != "metadata.name")
        {
            errors.Invalid(path.Child("key"), requirement.Key, "not a valid field selector key");
            return;
        }
        for (var i = 0; i < requirement.Values.Count; i++)
        {
            errors.Invalid(path.Child("values").Index(i), requirement.Values[i], NameRules.Subdomain(requirement.Values[i]));
        }
    }

    private static void Pods(
        IReadOnlyList<PodAffinityTerm> required, IReadOnlyList<WeightedPodAffinityTerm> preferred, FieldPath path, FieldErrors errors)
    {
        for (var i = 0; i < required.Count; i++)
        {
            PodTerm(required[i], path.Child("requiredDuringSchedulingIgnoredDuringExecution").Index(i), errors);
        }
        for (var i = 0; i < preferred.Count; i++)
        {
            var item = path.Child("preferredDuringSchedulingIgnoredDuringExecution").Index(i);
            Weight(preferred[i].Weight, item, errors);
            PodTerm(preferred[i].PodAffinityTerm, item.Child("podAffinityTerm"), errors);
        }
    }

    private static void PodTerm(PodAffinityTerm term, FieldPath path, FieldErrors errors)
    {
        LabelRules.ValidateSelector(term.LabelSelector, path.Child("labelSelector"), errors);
        LabelRules.ValidateSelector(term.NamespaceSelector, path.Child("namespaceSelector"), errors);
        foreach (var name in term.Namespaces)
        {
            errors.Invalid(path.Child("namespace"), name, NameRules.Label(name));
        }
        MatchLabelKeys(term.MatchLabelKeys, term.LabelSelector, path.Child("matchLabelKeys"), errors);
        MatchLabelKeys(term.MismatchLabelKeys, term.LabelSelector, path.Child("mismatchLabelKeys"), errors);
        for (var i = 0; i < term.MatchLabelKeys.Count; i++)
        {
            if (term.MismatchLabelKeys.Contains(term.MatchLabelKeys[i]))
            {
                errors.Invalid(path.Child("matchLabelKeys").Index(i), term.MatchLabelKeys[i], "exists in both matchLabelKeys and mismatchLabelKeys");
            }
        }
        if (term.TopologyKey.Length == 0)
        {
            errors.Required(path.Child("topologyKey"), "can not be empty");
        }
        LabelRules.ValidateKey(term.TopologyKey, path.Child("topologyKey"), errors);
    }

    private static void Weight(int weight, FieldPath item, FieldErrors errors)
    {
        if (weight is <= 0 or > 100)
        {
            errors.Invalid(item.Child("weight"), weight, "must be in the range 1-100");
        }
    }
}
