using Kybernet.Api.Schema;

namespace Kybernet.ApiServer.OpenApi;

/// <summary>What a method does on a path.</summary>
/// <param name="Method">The HTTP method, in lower case.</param>
/// <param name="Action">As <c>x-kubernetes-action</c> says it.</param>
/// <param name="IdVerb">The word that its <c>operationId</c> begins with.</param>
internal sealed record Operation(string Method, string Action, string IdVerb)
{
    private static readonly Operation List = new("get", "list", "list");
    private static readonly Operation Create = new("post", "post", "create");
    private static readonly Operation DeleteCollection = new("delete", "deletecollection", "deleteCollection");
    private static readonly Operation Get = new("get", "get", "read");
    private static readonly Operation Update = new("put", "put", "replace");
    private static readonly Operation Patch = new("patch", "patch", "patch");
    private static readonly Operation Delete = new("delete", "delete", "delete");

    /// <summary>Whether it sends a body.</summary>
    public bool HasBody => Action is "post" or "put" or "patch" or "delete" or "deletecollection";

    /// <summary>What a resource's collection may be asked.</summary>
    public static IReadOnlyList<Operation> OfCollection(ResourceInfo resource) =>
        Choose(resource, ("list", List), ("create", Create), ("deletecollection", DeleteCollection));

    /// <summary>What a resource's collection in all namespaces may be asked.</summary>
    public static IReadOnlyList<Operation> OfAllNamespaces(ResourceInfo resource) => Choose(resource, ("list", List));

    /// <summary>What an object may be asked.</summary>
    public static IReadOnlyList<Operation> OfObject(ResourceInfo resource) =>
        Choose(resource, ("get", Get), ("update", Update), ("delete", Delete), ("patch", Patch));

    /// <summary>What an object's subresource may be asked.</summary>
    public static IReadOnlyList<Operation> OfSubresource(ResourceInfo subresource)
    {
        if (subresource.ConnectMethods.Count == 0)
        {
            return Choose(subresource, ("get", Get), ("update", Update), ("create", Create), ("delete", Delete), ("patch", Patch));
        }
        var methods = subresource.ConnectMethods.Select(method => method.ToLowerInvariant()).Distinct();
        return [.. methods.Select(method => new Operation(method, "connect", "connect"))];
    }

    private static List<Operation> Choose(ResourceInfo resource, params ReadOnlySpan<(string Verb, Operation Operation)> operations)
    {
        var chosen = new List<Operation>(operations.Length);
        foreach (var (verb, operation) in operations)
        {
            if (resource.Verbs.Contains(verb))
            {
                chosen.Add(operation);
            }
        }
        return chosen;
    }
}
