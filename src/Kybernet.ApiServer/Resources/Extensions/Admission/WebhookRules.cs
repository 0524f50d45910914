using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;
using Kybernet.Api.Cel;

namespace Kybernet.ApiServer.Resources.Extensions.Admission;

/// <summary>What is wrong with the configurations of webhooks, in upstream's words.</summary>
internal static class WebhookRules
{
    private static readonly FieldPath Webhooks = FieldPath.Of("webhooks");

    /// <summary>Judges webhooks that judge.</summary>
    public static void Validating(EncodedObject item, FieldErrors errors)
    {
        var hooks = item.As<ValidatingWebhookConfiguration>().Webhooks;
        for (var i = 0; i < hooks.Count; i++)
        {
            var hook = hooks[i];
            Judge(
                new Parts(
                    hook.Name, hook.ClientConfig, hook.Rules, hook.FailurePolicy, hook.MatchPolicy, hook.SideEffects, hook.TimeoutSeconds, hook.NamespaceSelector, hook.ObjectSelector,
                    hook.MatchConditions, hook.AdmissionReviewVersions),
                Webhooks.Index(i),
                errors);
        }
        Names([.. hooks.Select(static hook => hook.Name)], errors);
    }

    /// <summary>Judges webhooks that change.</summary>
    public static void Mutating(EncodedObject item, FieldErrors errors)
    {
        var hooks = item.As<MutatingWebhookConfiguration>().Webhooks;
        for (var i = 0; i < hooks.Count; i++)
        {
            var hook = hooks[i];
            Judge(
                new Parts(
                    hook.Name, hook.ClientConfig, hook.Rules, hook.FailurePolicy, hook.MatchPolicy, hook.SideEffects, hook.TimeoutSeconds, hook.NamespaceSelector, hook.ObjectSelector,
                    hook.MatchConditions, hook.AdmissionReviewVersions),
                Webhooks.Index(i),
                errors);
            errors.OneOf(hook.ReinvocationPolicy, Webhooks.Index(i), "reinvocationPolicy", ["IfNeeded", "Never"]);
        }
        Names([.. hooks.Select(static hook => hook.Name)], errors);
    }

    private static void Judge(Parts hook, FieldPath path, FieldErrors errors)
    {
        QualifiedName(hook.Name, path.Child("name"), errors);
        for (var i = 0; i < hook.Rules.Count; i++)
        {
            var rule = hook.Rules[i];
            RequestRules.Validate(rule.Operations, rule.ApiGroups, rule.ApiVersions, rule.Resources, rule.Scope, path.Child("rules").Index(i), errors);
        }
        errors.OneOf(hook.FailurePolicy, path, "failurePolicy", ["Fail", "Ignore"]);
        errors.OneOf(hook.MatchPolicy, path, "matchPolicy", ["Equivalent", "Exact"]);
        if (hook.SideEffects.Length == 0)
        {
            errors.Required(path.Child("sideEffects"), "must specify one of None, NoneOnDryRun");
        }
        else
        {
            errors.OneOf(hook.SideEffects, path, "sideEffects", ["None", "NoneOnDryRun"]);
        }
        if (hook.TimeoutSeconds is < 1 or > 30)
        {
            errors.Invalid(path.Child("timeoutSeconds"), (long)hook.TimeoutSeconds.Value, "the timeout value must be between 1 and 30 seconds");
        }
        LabelRules.ValidateSelector(hook.NamespaceSelector, path.Child("namespaceSelector"), errors);
        LabelRules.ValidateSelector(hook.ObjectSelector, path.Child("objectSelector"), errors);
        var (client, service) = (hook.ClientConfig, hook.ClientConfig.Service);
        WebhookClientRules.Validate(
            client.Url, service is null ? null : new(service.Namespace, service.Name, service.Port, service.Path), path.Child("clientConfig"), errors);
        PolicyRules.Conditions(hook.MatchConditions, AdmissionEnvironment.Of(hasParameters: false), path.Child("matchConditions"), errors);
        WebhookClientRules.Versions(hook.Versions, path.Child("admissionReviewVersions"), errors);
    }

    private static void QualifiedName(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
        }
        else if (NameRules.Subdomain(name) is { Count: > 0 } problems)
        {
            errors.Invalid(path, name, string.Join(',', problems));
        }
        else if (name.Split('.').Length < 3)
        {
            errors.Invalid(path, name, "should be a domain with at least three segments separated by dots");
        }
    }

    private static void Names(IReadOnlyList<string> names, FieldErrors errors)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Length > 0 && !known.Add(names[i]))
            {
                errors.Duplicate(Webhooks.Index(i).Child("name"), names[i]);
            }
        }
    }

    /// <summary>What webhooks of both kinds have.</summary>
    private sealed record Parts(
        string Name,
        WebhookClientConfig ClientConfig,
        IReadOnlyList<RuleWithOperations> Rules,
        string? FailurePolicy,
        string? MatchPolicy,
        string SideEffects,
        int? TimeoutSeconds,
        LabelSelector? NamespaceSelector,
        LabelSelector? ObjectSelector,
        IReadOnlyList<MatchCondition> MatchConditions,
        IReadOnlyList<string> Versions);
}
