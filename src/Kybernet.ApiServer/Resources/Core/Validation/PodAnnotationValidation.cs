using System.Globalization;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>The annotations of pods that mean something to Kubernetes itself.</summary>
internal static class PodAnnotationValidation
{
    /// <summary>Marks the API's image of a pod that a node runs from a file.</summary>
    public const string Mirror = "kubernetes.io/config.mirror";

    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";
    private const string SeccompOfPod = "seccomp.security.alpha.kubernetes.io/pod";
    private const string SeccompOfContainer = "container.seccomp.security.alpha.kubernetes.io/";
    private const string AppArmorOfContainer = "container.apparmor.security.beta.kubernetes.io/";

    /// <summary>Says what is wrong with a pod's or a template's annotations.</summary>
    public static void Validate(IReadOnlyDictionary<string, string> annotations, PodSpec spec, FieldPath path, FieldErrors errors)
    {
        foreach (var (key, value) in annotations)
        {
            if (key == Mirror && string.IsNullOrEmpty(spec.NodeName))
            {
                errors.Invalid(path.Key(key), value, "must set spec.nodeName if mirror pod annotation is set");
            }
            else if (key == DeletionCost && !IsDeletionCost(value))
            {
                errors.Invalid(path.Key(key), value, "must be a 32bit integer");
            }
            else if (key == SeccompOfPod || key.StartsWith(SeccompOfContainer, StringComparison.Ordinal))
            {
                Seccomp(value, path.Child(key), errors);
            }
            else if (key.StartsWith(AppArmorOfContainer, StringComparison.Ordinal))
            {
                AppArmor(key, value, spec, path.Key(key), errors);
            }
        }
    }

    /// <summary>Says which annotations may not be changed, beside what is wrong with the new ones.</summary>
    public static void ValidateUpdate(ObjectMeta metadata, ObjectMeta previous, PodSpec spec, FieldPath path, FieldErrors errors)
    {
        foreach (var (key, value) in previous.Annotations)
        {
            if (metadata.Annotations.TryGetValue(key, out var current) && current == value)
            {
                continue;
            }
            if (key.StartsWith(AppArmorOfContainer, StringComparison.Ordinal))
            {
                errors.Forbidden(path.Key(key), "may not remove or update AppArmor annotations");
            }
            if (key == Mirror)
            {
                errors.Forbidden(path.Key(key), "may not remove or update mirror pod annotation");
            }
        }
        foreach (var key in metadata.Annotations.Keys)
        {
            if (previous.Annotations.ContainsKey(key))
            {
                continue;
            }
            if (key.StartsWith(AppArmorOfContainer, StringComparison.Ordinal))
            {
                errors.Forbidden(path.Key(key), "may not add AppArmor annotations");
            }
            if (key == Mirror)
            {
                errors.Forbidden(path.Key(key), "may not add mirror pod annotation");
            }
        }
        Validate(metadata.Annotations, spec, path, errors);
    }

    // A leading plus or zeros would make two texts of one cost.
    private static bool IsDeletionCost(string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost)
        && value == cost.ToString(CultureInfo.InvariantCulture);

    private static void Seccomp(string profile, FieldPath path, FieldErrors errors)
    {
        if (profile is "runtime/default" or "docker/default" or "unconfined")
        {
            return;
        }
        if (profile.StartsWith("localhost/", StringComparison.Ordinal))
        {
            PathRules.Descending(profile["localhost/".Length..], path, errors);
            return;
        }
        errors.Invalid(path, profile, "must be a valid seccomp profile");
    }

    private static void AppArmor(string key, string profile, PodSpec spec, FieldPath path, FieldErrors errors)
    {
        var container = key[AppArmorOfContainer.Length..];
        if (!PodContainers.Has(spec, container))
        {
            errors.Invalid(path, container, "container not found");
        }
        if (profile is not ("" or "runtime/default" or "unconfined") && !profile.StartsWith("localhost/", StringComparison.Ordinal))
        {
            errors.Invalid(path, profile, $"invalid AppArmor profile name: \"{profile}\"");
        }
    }
}
