using Kybernet.Api.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Cel;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Admission.Expressions;

/// <summary>Says what the expressions of admission are about, request by request.</summary>
internal sealed class AdmissionBindings(IObjectFeeds feeds, IAuthorizer authorizer)
{
    private static readonly Api.GroupResource Namespaces = new("", "namespaces");

    private readonly IObjectFeed _namespaces = feeds.Of(Namespaces);

    /// <summary>What a request is about. What an expression does not ask for is not made.</summary>
    public CelBindings Of(AdmissionRequest request)
    {
        var who = new RequestAuthorizer(authorizer, request.User);
        return new CelBindings()
            .Set(AdmissionEnvironment.Object, request.Object)
            .Set(AdmissionEnvironment.OldObject, () => Tree(request.Previous, CelType.Dyn))
            .Set(AdmissionEnvironment.Request, () => CelJson.ToValue(Describe(request), AdmissionEnvironment.RequestType))
            .Set(AdmissionEnvironment.NamespaceObject, () => Namespace(request))
            .Set(AdmissionEnvironment.Authorizer, () => CelAuthorization.Authorizer(who))
            .Set(AdmissionEnvironment.RequestResource, () => CelAuthorization.RequestResource(who, new CelAccess
            {
                Group = request.Resource.Group,
                Resource = request.Resource.Resource,
                Subresource = request.Subresource,
                Namespace = request.Namespace,
                Name = request.Name,
            }));
    }

    /// <summary>The operation, as rules and expressions spell it.</summary>
    public static string Operation(AdmissionOperation operation) => operation switch
    {
        AdmissionOperation.Create => "CREATE",
        AdmissionOperation.Update => "UPDATE",
        AdmissionOperation.Delete => "DELETE",
        _ => "CONNECT",
    };

    private static CelValue Tree(Api.EncodedObject? item, CelType type) => item is null ? CelValue.Null : CelJson.ToValue(ModelJson.ParseTree(item.Json.Span), type);

    private CelValue Namespace(AdmissionRequest request) => request.Namespace.Length == 0 || request.Resource.GroupResource == Namespaces
        ? CelValue.Null
        : Tree(_namespaces.Find("", request.Namespace), AdmissionEnvironment.NamespaceType);

    /// <summary>What a request is, without the objects: as expressions and webhooks are told.</summary>
    public static JsonObject Describe(AdmissionRequest request)
    {
        var (resource, kind, user) = (request.Resource, request.Kind, request.User);
        JsonObject Kind() => new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };
        JsonObject Resource() => new() { ["group"] = resource.Group, ["version"] = resource.Version, ["resource"] = resource.Resource };
        var tree = new JsonObject
        {
            ["kind"] = Kind(),
            ["resource"] = Resource(),
            ["requestKind"] = Kind(),
            ["requestResource"] = Resource(),
            ["name"] = request.Name,
            ["operation"] = Operation(request.Operation),
            ["userInfo"] = Describe(user),
            ["dryRun"] = request.DryRun,
            ["options"] = null,
        };
        if (request.Subresource.Length > 0)
        {
            tree["subResource"] = request.Subresource;
            tree["requestSubResource"] = request.Subresource;
        }
        if (request.Namespace.Length > 0)
        {
            tree["namespace"] = request.Namespace;
        }
        return tree;
    }

    /// <summary>Who somebody is, as expressions and webhooks are told.</summary>
    public static JsonObject Describe(UserInfo user) => new()
    {
        ["username"] = user.Name,
        ["uid"] = user.Uid,
        ["groups"] = Texts(user.Groups),
        ["extra"] = new JsonObject(user.Extra.Select(static entry => KeyValuePair.Create(entry.Key, (JsonNode?)Texts(entry.Value)))),
    };

    private static JsonArray Texts(IEnumerable<string> values) => new([.. values.Select(static value => (JsonNode)value)]);
}
