using Kybernet.Api.Json;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Selectors;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.Admission.Policies;

/// <summary>Finds the settings of policies: objects of a kind that the policy names, of those names or labels that the binding does.</summary>
internal sealed class PolicyParameters(EndpointRegistry endpoints)
{
    private static readonly JsonNode?[] None = [null];

    /// <summary>The settings with which a policy is to be applied, once with each; a null stands for none.</summary>
    /// <exception cref="PolicyException">They cannot be found.</exception>
    public IReadOnlyList<JsonNode?> Find(ParamKind? kind, ParamRef? reference, string @namespace)
    {
        if (kind is null || reference is null)
        {
            return None;
        }
        var named = new GroupVersionKind(GroupVersion.Parse(kind.ApiVersion ?? "").Group, GroupVersion.Parse(kind.ApiVersion ?? "").Version, kind.Kind ?? "");
        if (endpoints.Resources.Find(named) is not { } info || endpoints.Find(info.Resource) is not { } endpoint)
        {
            throw new PolicyException($"paramKind kind `&ParamKind{{APIVersion:{kind.ApiVersion},Kind:{kind.Kind},}}` not known");
        }
        var found = Select(endpoint, reference, Namespace(endpoint, reference, @namespace));
        return found.Count == 0 && reference.ParameterNotFoundAction == "Deny"
            ? throw new PolicyException("no params found for policy binding with `Deny` parameterNotFoundAction")
            : found;
    }

    private static string Namespace(ResourceEndpoint endpoint, ParamRef reference, string @namespace)
    {
        var own = reference.Namespace ?? "";
        if (!endpoint.Info.Namespaced)
        {
            return own.Length == 0 ? "" : throw new PolicyException("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
        }
        var chosen = own.Length > 0 ? own : @namespace;
        return chosen.Length > 0 ? chosen : throw new PolicyException("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
    }

    private static List<JsonNode?> Select(ResourceEndpoint endpoint, ParamRef reference, string @namespace)
    {
        if (reference.Name is { Length: > 0 } name)
        {
            return endpoint.Cache.Get(StorageKey.Local(@namespace, name)) is { } item ? [Tree(endpoint, item)] : [];
        }
        var selector = Selector.From(reference.Selector);
        return [.. endpoint.Cache.Snapshot.Items.Values
            .Where(item => item.Key.Namespace == @namespace && selector.Matches(item.Header.Labels))
            .Select(item => Tree(endpoint, item))];
    }

    private static JsonNode? Tree(ResourceEndpoint endpoint, EncodedObject item) => ModelJson.ParseTree(endpoint.Present(item).Json.Span);
}

/// <summary>A policy, or its binding, is set up so that it cannot be applied.</summary>
internal sealed class PolicyException(string message) : Exception(message);
