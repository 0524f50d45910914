using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server.Access;

/// <summary>
/// What a request is to authorisation: a verb on the node's subresources, any of which will do (Kubernetes documentation: Kubelet authentication/authorization).
/// </summary>
/// <param name="Verb">The verb.</param>
/// <param name="Subresources">The subresources, the narrowest first.</param>
internal sealed record RequestAttributes(string Verb, IReadOnlyList<string> Subresources)
{
    public static RequestAttributes Of(HttpRequest request) => new(VerbOf(request.Method), SubresourcesOf(request.Path.Value ?? ""));

    private static string VerbOf(string method) => method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "get",
    };

    private static IReadOnlyList<string> SubresourcesOf(string path) => path.Split('/', 3)[1..] switch
    {
        ["stats", ..] => ["stats"],
        ["metrics", ..] => ["metrics"],
        ["logs", ..] => ["log"],
        ["checkpoint", ..] => ["checkpoint"],
        ["pods" or "runningpods", ..] => ["pods", "proxy"],
        ["healthz", ..] => ["healthz", "proxy"],
        ["configz", ..] => ["configz", "proxy"],
        _ => ["proxy"],
    };
}
