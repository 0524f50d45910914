using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Testing.Faults;

/// <summary>A request of a client, as a fault chooses by it.</summary>
/// <param name="User">Who asks; empty where it has yet to be proven.</param>
/// <param name="Verb">As RBAC names it: <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>, <c>deletecollection</c>.</param>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resource">The plural, as in <c>pods</c>.</param>
/// <param name="Subresource">As in <c>status</c>; empty for none.</param>
/// <param name="Namespace">Empty for none.</param>
/// <param name="Name">The object's name; empty for collections, and for what is yet to be created.</param>
/// <param name="Path">The path, unescaped.</param>
public sealed record TargetRequest(string User, string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, string Path)
{
    /// <summary>Whether it means to change something.</summary>
    public bool IsWrite => Verb is not ("get" or "list" or "watch");

    internal static TargetRequest Of(HttpContext context)
    {
        var http = context.Request;
        var path = http.Path.Value ?? "/";
        var isWatch = http.Query.TryGetValue("watch", out var watch) && watch.ToString() is not ("false" or "0");
        var info = RequestInfoParser.Parse(http.Method, path, isWatch, "");
        var user = context.Features.Get<UserInfo>()?.Name ?? "";
        return new TargetRequest(user, info.Verb, info.ApiGroup, info.Resource, info.Subresource, info.Namespace, info.Name, path);
    }
}
