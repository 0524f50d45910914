using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core;

namespace Kybernet.ApiServer.Resources.Storage;

/// <summary>StorageClasses: what a class makes volumes of stays as it is.</summary>
internal static class StorageClasses
{
    private static readonly FieldPath Topologies = FieldPath.Of("allowedTopologies");

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var storage = item.As<StorageClass>();
        Provisioning.Driver(storage.Provisioner, FieldPath.Of("provisioner"), errors);
        Provisioning.Parameters(storage.Parameters, required: false, errors);
        if (storage.ReclaimPolicy is { Length: > 0 } policy and not ("Delete" or "Retain"))
        {
            errors.NotSupported(FieldPath.Of("reclaimPolicy"), policy, ["Delete", "Retain"]);
        }
        if (storage.VolumeBindingMode is { } mode and not ("Immediate" or "WaitForFirstConsumer"))
        {
            errors.NotSupported(FieldPath.Of("volumeBindingMode"), mode, ["Immediate", "WaitForFirstConsumer"]);
        }
        for (var i = 0; i < storage.AllowedTopologies.Count; i++)
        {
            Term(storage.AllowedTopologies[i], Topologies.Index(i).Child("matchLabelExpressions"), errors);
            if (storage.AllowedTopologies.Take(i).Any(other => IsSame(other, storage.AllowedTopologies[i])))
            {
                errors.Duplicate(Topologies.Index(i).Child("matchLabelExpressions"), "");
            }
        }
    }

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (storage, old) = (item.As<StorageClass>(), previous.As<StorageClass>());
        Provisioning.SameParameters(storage.Parameters, old.Parameters, errors);
        Provisioning.Same(storage.Provisioner, old.Provisioner, "provisioner", errors);
        Provisioning.Same(storage.ReclaimPolicy, old.ReclaimPolicy, "reclaimPolicy", errors);
        errors.Unchanged(storage.VolumeBindingMode, old.VolumeBindingMode, FieldPath.Of("volumeBindingMode"));
    }

    public static IEnumerable<string> Warnings(EncodedObject item)
    {
        var terms = item.As<StorageClass>().AllowedTopologies;
        return terms.SelectMany((term, i) => term.MatchLabelExpressions.SelectMany((expression, j) =>
            NodeLabels.Warnings(expression.Key, $"allowedTopologies[{i}].matchLabelExpressions[{j}].key")));
    }

    private static void Term(TopologySelectorTerm term, FieldPath list, FieldErrors errors)
    {
        for (var i = 0; i < term.MatchLabelExpressions.Count; i++)
        {
            var (expression, path) = (term.MatchLabelExpressions[i], list.Index(i));
            if (expression.Values.Count == 0)
            {
                errors.Required(path.Child("values"));
            }
            for (var j = 1; j < expression.Values.Count; j++)
            {
                if (expression.Values.Take(j).Contains(expression.Values[j]))
                {
                    errors.Duplicate(path.Child("values").Index(j), expression.Values[j]);
                }
            }
            LabelRules.ValidateKey(expression.Key, path.Child("key"), errors);
            if (term.MatchLabelExpressions.Take(i).Any(other => other.Key == expression.Key))
            {
                errors.Duplicate(path.Child("key"), expression.Key);
            }
        }
    }

    private static bool IsSame(TopologySelectorTerm one, TopologySelectorTerm other) =>
        one.MatchLabelExpressions.Count == other.MatchLabelExpressions.Count && one.MatchLabelExpressions.All(expression =>
            other.MatchLabelExpressions.Any(twin => twin.Key == expression.Key && twin.Values.ToHashSet().SetEquals(expression.Values)));
}
