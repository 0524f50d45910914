using Kybernet.Api.Meta.V1;
using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Tests.Authorization;

/// <summary>Short words for what these tests are about.</summary>
internal static class Requests
{
    public static RequestInfo To(string verb, string resource, string @namespace = "", string name = "", string group = "", string subresource = "") =>
        new(true, verb, "", group, "v1", @namespace, resource, subresource, name);

    public static RequestInfo Path(string verb, string path) => new(false, verb, path);

    public static UserInfo User(string name, params string[] groups) => new(name, [.. groups, "system:authenticated"]);

    public static ApiRequest Of(string authorization = "", System.Security.Cryptography.X509Certificates.X509Certificate2? certificate = null, IHeaderDictionary? headers = null) => new()
    {
        Method = "GET",
        Path = "/api",
        Query = QueryCollection.Empty,
        Info = Path("get", "/api"),
        Authorization = authorization,
        ClientCertificate = certificate,
        Headers = headers,
    };

    public static ClusterRole ClusterRole(string name, params PolicyRule[] rules) => new() { Metadata = new ObjectMeta { Name = name }, Rules = rules };

    public static ClusterRoleBinding ClusterBinding(string name, string role, params Subject[] subjects) => new()
    {
        Metadata = new ObjectMeta { Name = name },
        RoleRef = new RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = role },
        Subjects = subjects,
    };

    public static RoleBinding Binding(string @namespace, string name, string kind, string role, params Subject[] subjects) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = @namespace },
        RoleRef = new RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = kind, Name = role },
        Subjects = subjects,
    };

    public static PolicyRule Rule(string verbs, string resources, string group = "", params string[] names) =>
        new() { Verbs = verbs.Split(','), ApiGroups = [group], Resources = resources.Split(','), ResourceNames = names };

    public static Subject Named(string kind, string name) => new() { Kind = kind, Name = name, ApiGroup = "rbac.authorization.k8s.io" };

    public static Subject Account(string @namespace, string name) => new() { Kind = "ServiceAccount", Namespace = @namespace, Name = name };
}
