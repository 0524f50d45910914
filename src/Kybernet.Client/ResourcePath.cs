using Kybernet.Api;
using Kybernet.Api.Json;

namespace Kybernet.Client;

/// <summary>The paths that resources are served at.</summary>
public static class ResourcePath
{
    /// <summary>The path of a resource's collection, of one namespace or, where it is empty, of all.</summary>
    public static string Of<T>(string @namespace)
        where T : class, IResourceObject<T> => Of(T.Resource, @namespace);

    /// <summary>The path of an object, or of a subresource of it where that is not empty.</summary>
    public static string Of<T>(string @namespace, string name, string subresource = "")
        where T : class, IResourceObject<T>
    {
        var path = $"{Of(T.Resource, @namespace)}/{Uri.EscapeDataString(name)}";
        return subresource.Length == 0 ? path : $"{path}/{subresource}";
    }

    /// <summary>The path of a resource's collection, of one namespace or, where it is empty, of all.</summary>
    public static string Of(GroupVersionResource resource, string @namespace)
    {
        var root = resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.Group}/{resource.Version}";
        return @namespace.Length == 0 ? $"{root}/{resource.Resource}" : $"{root}/namespaces/{@namespace}/{resource.Resource}";
    }
}
