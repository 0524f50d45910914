using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Admission.Expressions;
using Kybernet.Api.Cel;
using Kybernet.ApiServer.Admission.Matching;
using Kybernet.ApiServer.Webhooks;

namespace Kybernet.ApiServer.Admission.Webhooks;

/// <summary>A webhook that is asked about requests. Immutable.</summary>
internal sealed class AdmissionWebhook
{
    private readonly Lazy<MatchConditions> _conditions;
    private readonly IReadOnlyList<RuleWithOperations> _rules;

    private AdmissionWebhook(
        string name,
        WebhookClientConfig client,
        IReadOnlyList<RuleWithOperations> rules,
        MatchResources selectors,
        IReadOnlyList<MatchCondition> conditions,
        string? failurePolicy,
        string sideEffects,
        int? timeoutSeconds)
    {
        (Name, Client, _rules) = (name, client, rules);
        Matcher = new RequestMatcher(selectors with
        {
            ResourceRules = [.. rules.Select(static rule => new NamedRuleWithOperations
            {
                Operations = rule.Operations, ApiGroups = rule.ApiGroups, ApiVersions = rule.ApiVersions, Resources = rule.Resources, Scope = rule.Scope,
            })],
        });
        IgnoresFailures = failurePolicy == "Ignore";
        HasSideEffects = sideEffects is not ("None" or "NoneOnDryRun");
        Timeout = TimeSpan.FromSeconds(timeoutSeconds ?? 10);
        _conditions = new Lazy<MatchConditions>(() => new MatchConditions(AdmissionEnvironment.Of(hasParameters: false), conditions));
    }

    /// <summary>Its name, by which it is told of.</summary>
    public string Name { get; }

    /// <summary>Which requests it is about.</summary>
    public RequestMatcher Matcher { get; }

    /// <summary>The conditions under which it is about them; compiled when they are first asked for.</summary>
    public MatchConditions Conditions => _conditions.Value;

    /// <summary>Whether a request may go on that it could not be asked about.</summary>
    public bool IgnoresFailures { get; }

    /// <summary>Whether it does something even where nothing is stored, so that it cannot be asked then.</summary>
    public bool HasSideEffects { get; }

    /// <summary>Whether it wants to see again what others change after it.</summary>
    public bool IsRepeatable { get; private init; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Timeout { get; }

    private WebhookClientConfig Client { get; }

    /// <summary>A webhook that judges.</summary>
    public static AdmissionWebhook Of(ValidatingWebhook hook) => new(
        hook.Name, hook.ClientConfig, hook.Rules, Selectors(hook.MatchPolicy, hook.NamespaceSelector, hook.ObjectSelector), hook.MatchConditions, hook.FailurePolicy,
        hook.SideEffects, hook.TimeoutSeconds);

    /// <summary>A webhook that changes.</summary>
    public static AdmissionWebhook Of(MutatingWebhook hook) => new(
        hook.Name, hook.ClientConfig, hook.Rules, Selectors(hook.MatchPolicy, hook.NamespaceSelector, hook.ObjectSelector), hook.MatchConditions, hook.FailurePolicy,
        hook.SideEffects, hook.TimeoutSeconds)
    {
        IsRepeatable = hook.ReinvocationPolicy == "IfNeeded",
    };

    /// <summary>Where it answers.</summary>
    /// <exception cref="WebhookException">Nowhere that can be asked.</exception>
    public WebhookTarget Target() => WebhookTarget.Of(
        Client.Url,
        Client.Service is { } service ? new ServicePort(service.Namespace, service.Name, service.Port ?? 443) : null,
        Client.Service?.Path,
        Client.CaBundle ?? default);

    /// <summary>The version in which it understands a resource: the request's own where it names that, else the first that it names and that is served.</summary>
    public string VersionFor(AdmissionRequest request, Func<string, bool> isServed)
    {
        var (resource, version) = (request.Resource, request.Resource.Version);
        var versions = _rules
            .Where(rule => (rule.ApiGroups.Contains("*") || rule.ApiGroups.Contains(resource.Group)) && rule.Resources.Any(name => name.Split('/')[0] is var first && (first == "*" || first == resource.Resource)))
            .SelectMany(static rule => rule.ApiVersions)
            .ToList();
        return versions.Contains("*") || versions.Contains(version) ? version : versions.FirstOrDefault(isServed) ?? version;
    }

    private static MatchResources Selectors(string? matchPolicy, LabelSelector? namespaces, LabelSelector? objects) =>
        new() { MatchPolicy = matchPolicy, NamespaceSelector = namespaces, ObjectSelector = objects };
}
