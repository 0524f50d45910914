namespace Kybernet.ApiServer.Pipeline;

/// <summary>
/// Reads what a request means out of its method and path, as the API's paths are laid out:
/// <c>/api/VERSION/[namespaces/NAMESPACE/]RESOURCE[/NAME[/SUBRESOURCE...]]</c>, and <c>/apis/GROUP/VERSION/...</c> for the named groups.
/// </summary>
internal static class RequestInfoParser
{
    /// <summary>Reads a request.</summary>
    /// <param name="method">The HTTP method, in upper case.</param>
    /// <param name="path">The path, unescaped.</param>
    /// <param name="isWatch">Whether the query asks to watch.</param>
    /// <param name="fieldName">The name that a <c>metadata.name=</c> field selector asks for; empty for none. Authorisation sees it as the name.</param>
    public static RequestInfo Parse(string method, string path, bool isWatch, string fieldName)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isCore = parts is ["api", _, _, ..];
        if (!isCore && parts is not ["apis", _, _, _, ..])
        {
            return new RequestInfo(false, method.ToLowerInvariant(), path);
        }
        var group = isCore ? "" : parts[1];
        var version = isCore ? parts[1] : parts[2];
        var rest = parts.AsSpan(isCore ? 2 : 3);
        var legacyWatch = rest is ["watch", _, ..];
        if (legacyWatch)
        {
            rest = rest[1..];
        }
        var @namespace = "";
        // A namespace's own subresources are addressed as the namespace's, not as resources in it.
        if (rest is ["namespaces", _, _, ..] && !(rest is [_, _, "status" or "finalize"]))
        {
            @namespace = rest[1];
            rest = rest[2..];
        }
        else if (rest is ["namespaces", var name, ..])
        {
            @namespace = name;
        }
        var info = new RequestInfo(
            true,
            "",
            path,
            group,
            version,
            @namespace,
            rest[0],
            rest.Length > 2 ? rest[2] : "",
            rest.Length > 1 ? rest[1] : "",
            rest.Length > 3 ? string.Join('/', rest[3..].ToArray()) : "");
        // What follows a subresource may be another server's: its parameters mean nothing here.
        var verb = Verb(method, info.Name.Length > 0, (isWatch && info.Subresource.Length == 0) || legacyWatch);
        if (info.Name.Length == 0 && fieldName.Length > 0 && verb is "list" or "watch" or "deletecollection")
        {
            info = info with { Name = fieldName };
        }
        return info with { Verb = verb };
    }

    private static string Verb(string method, bool hasName, bool isWatch) => method switch
    {
        "POST" => "create",
        "GET" or "HEAD" => isWatch ? "watch" : hasName ? "get" : "list",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => hasName ? "delete" : "deletecollection",
        _ => method.ToLowerInvariant(),
    };
}
