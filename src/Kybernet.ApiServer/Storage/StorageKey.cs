using Kybernet.Api;

namespace Kybernet.ApiServer.Storage;

/// <summary>
/// How objects are filed in the store: <c>/registry/GROUP/RESOURCE/NAMESPACE/NAME</c>, the core group as <c>core</c>, the namespace left out for
/// cluster-scoped objects. What follows the resource is the key inside the resource's cache.
/// </summary>
internal static class StorageKey
{
    /// <summary>What every key begins with.</summary>
    public const string Root = "/registry/";

    /// <summary>What the keys of reserved ranges begin with, which are no objects of the API.</summary>
    public const string Ranges = "/registry/ranges/";

    /// <summary>The prefix of a resource's keys.</summary>
    public static string Prefix(GroupResource resource) => $"{Root}{(resource.Group.Length == 0 ? "core" : resource.Group)}/{resource.Resource}/";

    /// <summary>An object's key inside its resource.</summary>
    public static string Local(string @namespace, string name) => @namespace.Length == 0 ? name : $"{@namespace}/{name}";

    /// <summary>Takes a whole key apart.</summary>
    /// <returns>Whether it is the key of an object.</returns>
    public static bool TryParse(string key, out GroupResource resource, out string local)
    {
        resource = default;
        local = "";
        if (!key.StartsWith(Root, StringComparison.Ordinal))
        {
            return false;
        }
        var group = key.IndexOf('/', Root.Length);
        var end = group < 0 ? -1 : key.IndexOf('/', group + 1);
        if (end < 0 || end == key.Length - 1)
        {
            return false;
        }
        var groupName = key.AsSpan(Root.Length, group - Root.Length);
        resource = new GroupResource(groupName is "core" ? "" : groupName.ToString(), key[(group + 1)..end]);
        local = key[(end + 1)..];
        return true;
    }
}
