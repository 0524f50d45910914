using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Selectors;
using LabelSelector = Kybernet.Api.Meta.V1.LabelSelector;

namespace Kybernet.ApiServer.Admission.Matching;

/// <summary>Which requests something concerns: by rules about resources, and by the labels of namespaces and objects. Immutable.</summary>
internal sealed class RequestMatcher
{
    private readonly IReadOnlyList<ResourceRule> _rules;
    private readonly IReadOnlyList<ResourceRule> _exceptions;
    private readonly Selector _namespaces;
    private readonly Selector _objects;
    private readonly bool _anyVersion;

    /// <param name="resources">What is said of requests.</param>
    public RequestMatcher(MatchResources resources)
    {
        _rules = [.. resources.ResourceRules.Select(Rule)];
        _exceptions = [.. resources.ExcludeResourceRules.Select(Rule)];
        _namespaces = Selects(resources.NamespaceSelector);
        _objects = Selects(resources.ObjectSelector);
        _anyVersion = resources.MatchPolicy != "Exact";
    }

    /// <summary>Whether it can be about such requests, whatever object they name.</summary>
    public bool MayBeAbout(AdmissionOperation operation, GroupVersionResource resource, string subresource)
    {
        var spelt = Expressions.AdmissionBindings.Operation(operation);
        foreach (var rule in _rules)
        {
            if (rule.IsAbout(spelt, resource, subresource, _anyVersion))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether it is about a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="needsRule">Whether no rules mean nothing, rather than everything.</param>
    /// <param name="namespaceLabels">The labels of the request's namespace; null where it has none.</param>
    public bool IsAbout(AdmissionRequest request, bool needsRule, IReadOnlyDictionary<string, string>? namespaceLabels)
    {
        if (_rules.Count == 0 ? needsRule : !_rules.Any(rule => rule.IsAbout(request, _anyVersion)))
        {
            return false;
        }
        return !_exceptions.Any(rule => rule.IsAbout(request, _anyVersion))
            && (namespaceLabels is null || _namespaces.Matches(namespaceLabels))
            && (_objects.IsEverything || _objects.Matches(Labels(request.Object)) || (request.Previous is { } previous && _objects.Matches(previous.Header.Labels)));
    }

    /// <summary>The labels of an object; none for none.</summary>
    public static IReadOnlyDictionary<string, string> Labels(JsonObject? item)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in item?["metadata"]?["labels"] as JsonObject ?? [])
        {
            labels[key] = JsonValues.Text(value);
        }
        return labels;
    }

    private static Selector Selects(LabelSelector? selector) => selector is null ? Selector.Everything : Selector.From(selector);

    private static ResourceRule Rule(NamedRuleWithOperations rule) =>
        new(rule.Operations, rule.ApiGroups, rule.ApiVersions, rule.Resources, rule.Scope ?? "*", rule.ResourceNames);
}
