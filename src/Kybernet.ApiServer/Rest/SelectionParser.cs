using Kybernet.Api;
using Kybernet.Api.Selectors;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.Rest;

/// <summary>Turns the selectors of a list or watch into a filter over the cache's objects.</summary>
internal static class SelectionParser
{
    /// <summary>Reads the selectors of a request.</summary>
    /// <exception cref="ApiError">400: a selector is malformed, or names a field that cannot be selected by.</exception>
    public static WatchFilter Parse(ResourceEndpoint endpoint, RequestInfo info, ListOptions options)
    {
        var @namespace = endpoint.Info.Namespaced ? info.Namespace : "";
        var filter = new WatchFilter(@namespace, info.Name);
        var labels = options.LabelSelector.Length == 0 ? null : ParseLabels(options.LabelSelector);
        if (options.FieldSelector.Length == 0)
        {
            return labels is null ? filter : filter with { Selector = item => labels.Matches(item.Header.Labels) };
        }
        var rest = new List<FieldRequirement>();
        foreach (var requirement in ParseFields(options.FieldSelector).Requirements)
        {
            CheckSelectable(endpoint, requirement.Field);
            if (requirement is { Field: "metadata.name", Equal: true })
            {
                filter = filter with { Name = requirement.Value };
            }
            else if (requirement is { Field: "metadata.namespace", Equal: true } && @namespace.Length == 0)
            {
                filter = filter with { Namespace = requirement.Value };
            }
            else
            {
                rest.Add(requirement);
                if (requirement.Equal && requirement.Field == endpoint.Strategy.IndexedField)
                {
                    filter = filter with { IndexedValue = requirement.Value };
                }
            }
        }
        return rest.Count == 0 && labels is null ? filter : filter with { Selector = item => Matches(endpoint, labels, rest, item) };
    }

    private static bool Matches(ResourceEndpoint endpoint, Selector? labels, List<FieldRequirement> fields, EncodedObject item)
    {
        if (labels is not null && !labels.Matches(item.Header.Labels))
        {
            return false;
        }
        foreach (var requirement in fields)
        {
            if ((FieldOf(endpoint, item, requirement.Field) == requirement.Value) != requirement.Equal)
            {
                return false;
            }
        }
        return true;
    }

    private static string FieldOf(ResourceEndpoint endpoint, EncodedObject item, string field) => field switch
    {
        "metadata.name" => item.Header.Name,
        "metadata.namespace" => item.Header.Namespace,
        _ => endpoint.Strategy.SelectableField(item, field) ?? "",
    };

    private static void CheckSelectable(ResourceEndpoint endpoint, string field)
    {
        if (field is not ("metadata.name" or "metadata.namespace") && !endpoint.Strategy.SelectableFields.Contains(field))
        {
            throw ApiError.BadRequest($"field label not supported: {field}");
        }
    }

    /// <exception cref="ApiError">400: it is malformed.</exception>
    public static Selector ParseLabels(string text)
    {
        try
        {
            return Selector.Parse(text);
        }
        catch (SelectorException exception)
        {
            throw ApiError.BadRequest($"unable to parse requirement: {exception.Message}");
        }
    }

    /// <exception cref="ApiError">400: it is malformed.</exception>
    public static FieldSelector ParseFields(string text)
    {
        try
        {
            return FieldSelector.Parse(text);
        }
        catch (SelectorException exception)
        {
            throw ApiError.BadRequest(exception.Message);
        }
    }
}
