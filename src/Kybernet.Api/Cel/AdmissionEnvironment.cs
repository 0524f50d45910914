using Kybernet.Api.Schema;

namespace Kybernet.Api.Cel;

/// <summary>What expressions of admission may be about: policies' and the match conditions of webhooks.</summary>
public static class AdmissionEnvironment
{
    /// <summary>The object as it would be; null for a deletion.</summary>
    public const string Object = "object";

    /// <summary>The object as it is; null for a creation.</summary>
    public const string OldObject = "oldObject";

    /// <summary>The request.</summary>
    public const string Request = "request";

    /// <summary>The request's namespace; null for objects that have none.</summary>
    public const string NamespaceObject = "namespaceObject";

    /// <summary>The settings of a policy.</summary>
    public const string Parameters = "params";

    /// <summary>Who may do what.</summary>
    public const string Authorizer = "authorizer";

    /// <summary>Who may do what with that which the request is about.</summary>
    public const string RequestResource = "authorizer.requestResource";

    private static readonly CelObjectType Kind = Texts("kubernetes.GroupVersionKind", "group", "version", "kind");
    private static readonly CelObjectType Resource = Texts("kubernetes.GroupVersionResource", "group", "version", "resource");

    /// <summary>The type of users, such as who made the request.</summary>
    public static CelObjectType UserType { get; } = CelObjectType.Of(
        "kubernetes.UserInfo",
        new CelField("username", CelType.String),
        new CelField("uid", CelType.String),
        new CelField("groups", CelType.ListOf(CelType.String)),
        new CelField("extra", CelType.MapOf(CelType.String, CelType.ListOf(CelType.String))));

    /// <summary>The type of <c>request</c>.</summary>
    public static CelObjectType RequestType { get; } = CelObjectType.Of(
        "kubernetes.AdmissionRequest",
        new CelField("kind", Kind),
        new CelField("resource", Resource),
        new CelField("subResource", CelType.String),
        new CelField("requestKind", Kind),
        new CelField("requestResource", Resource),
        new CelField("requestSubResource", CelType.String),
        new CelField("name", CelType.String),
        new CelField("namespace", CelType.String),
        new CelField("operation", CelType.String),
        new CelField("userInfo", UserType),
        new CelField("dryRun", CelType.Bool),
        new CelField("options", CelType.Dyn));

    /// <summary>The type of <c>namespaceObject</c>.</summary>
    public static CelObjectType NamespaceType { get; } = new SchemaDeclarations().Of(ResourceSchema.BuiltIn.Find("core.v1.Namespace")!);

    /// <summary>The environment of expressions.</summary>
    /// <param name="hasParameters">Whether there are settings of a policy.</param>
    /// <param name="hasAuthorizer">Whether they may ask who may do what.</param>
    /// <param name="objectType">The type of the objects, where it is to be checked.</param>
    /// <param name="parametersType">The type of the settings, where it is to be checked.</param>
    public static CelEnvironment Of(bool hasParameters, bool hasAuthorizer = true, CelType? objectType = null, CelType? parametersType = null)
    {
        var environment = CelEnvironment.Kubernetes
            .With(Object, objectType ?? CelType.Dyn)
            .With(OldObject, objectType ?? CelType.Dyn)
            .With(Request, RequestType)
            .With(NamespaceObject, NamespaceType);
        if (hasParameters)
        {
            environment = environment.With(Parameters, parametersType ?? CelType.Dyn);
        }
        return hasAuthorizer
            ? environment.With(Authorizer, CelAuthorization.AuthorizerType).With(RequestResource, CelAuthorization.ResourceCheckType)
            : environment;
    }

    private static CelObjectType Texts(string name, params IEnumerable<string> fields) =>
        CelObjectType.Of(name, [.. fields.Select(static field => new CelField(field, CelType.String))]);
}
