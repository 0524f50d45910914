using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;
using Kybernet.Api.Cel;

namespace Kybernet.ApiServer.Resources.Extensions.Admission;

/// <summary>What is wrong with the configurations of webhooks, in upstream's words.</summary>
internal static class WebhookRules
{
    private const string UrlForm = "; desired format: https://host[/path]";

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
        Client(hook.ClientConfig, path.Child("clientConfig"), errors);
        PolicyRules.Conditions(hook.MatchConditions, AdmissionEnvironment.Of(hasParameters: false), path.Child("matchConditions"), errors);
        Versions(hook.Versions, path.Child("admissionReviewVersions"), errors);
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

    private static void Versions(IReadOnlyList<string> versions, FieldPath path, FieldErrors errors)
    {
        if (versions.Count == 0)
        {
            errors.Required(path, "must specify one of v1, v1beta1");
            return;
        }
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < versions.Count; i++)
        {
            if (!known.Add(versions[i]))
            {
                errors.Invalid(path.Index(i), versions[i], "duplicate version");
                continue;
            }
            errors.Invalid(path.Index(i), versions[i], NameRules.Label1035(versions[i]));
        }
        // Reviews of v1beta1, which upstream's servers still send, are not written here.
        if (!known.Contains("v1"))
        {
            errors.InvalidList(path, versions, "must include at least one of v1");
        }
    }

    private static void Client(WebhookClientConfig client, FieldPath path, FieldErrors errors)
    {
        if (client.Url is null == client.Service is null)
        {
            errors.Required(path, "exactly one of url or service is required");
        }
        else if (client.Url is { } url)
        {
            Url(url, path.Child("url"), errors);
        }
        else
        {
            Service(client.Service!, path.Child("service"), errors);
        }
    }

    private static void Url(string text, FieldPath path, FieldErrors errors)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            errors.Required(path, "url must be a valid URL" + UrlForm);
            return;
        }
        if (url.Scheme != Uri.UriSchemeHttps)
        {
            errors.Invalid(path, url.Scheme, "'https' is the only allowed URL scheme" + UrlForm);
        }
        if (url.Host.Length == 0)
        {
            errors.Invalid(path, url.Host, "host must be specified" + UrlForm);
        }
        if (url.UserInfo.Length > 0)
        {
            errors.Invalid(path, url.UserInfo, "user information is not permitted in the URL");
        }
        if (url.Fragment.Length > 0)
        {
            errors.Invalid(path, url.Fragment, "fragments are not permitted in the URL");
        }
        if (url.Query.Length > 0)
        {
            errors.Invalid(path, url.Query, "query parameters are not permitted in the URL");
        }
    }

    private static void Service(ServiceReference service, FieldPath path, FieldErrors errors)
    {
        if (service.Name.Length == 0)
        {
            errors.Required(path.Child("name"), "service name is required");
        }
        if (service.Namespace.Length == 0)
        {
            errors.Required(path.Child("namespace"), "service namespace is required");
        }
        if (service.Port is < 1 or > 65535)
        {
            errors.Invalid(path.Child("port"), (long)service.Port.Value, "port is not valid: must be between 1 and 65535, inclusive");
        }
        if (service.Path is not { } place)
        {
            return;
        }
        if (!place.StartsWith('/'))
        {
            errors.Invalid(path.Child("path"), place, "must start with a '/'");
        }
        else if (place.Contains("//", StringComparison.Ordinal))
        {
            errors.Invalid(path.Child("path"), place, "segment[0] may not be empty");
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
