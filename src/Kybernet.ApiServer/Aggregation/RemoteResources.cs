using System.Security.Cryptography;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Schema;

namespace Kybernet.ApiServer.Aggregation;

/// <summary>What another server serves of a group and version.</summary>
/// <param name="Tag">Differs between any two that differ; empty for nothing.</param>
/// <param name="Items">The resources, with their subresources.</param>
internal sealed record RemoteResourceList(string Tag, IReadOnlyList<ResourceInfo> Items)
{
    /// <summary>Nothing.</summary>
    public static RemoteResourceList Empty { get; } = new("", []);
}

/// <summary>Reads what another server says that it serves, for it to be told with what this one serves.</summary>
internal static class RemoteResources
{
    /// <summary>The resources of a group and version, out of their discovery document.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is none.</exception>
    public static RemoteResourceList Read(byte[] document, GroupVersion version)
    {
        var all = ModelJson.Parse<APIResourceList>(document).Resources.Select(resource => Read(resource, version)).ToList();
        var subresources = all.Where(static info => info.IsSubresource).ToLookup(static info => info.Resource.Resource[..info.Resource.Resource.IndexOf('/')]);
        return new RemoteResourceList(
            Convert.ToHexString(SHA256.HashData(document), 0, 16),
            [.. all.Where(static info => !info.IsSubresource).DistinctBy(static info => info.Resource).Select(info => info with
            {
                Subresources = [.. subresources[info.Resource.Resource].DistinctBy(static sub => sub.Resource)],
            })]);
    }

    private static ResourceInfo Read(APIResource resource, GroupVersion version)
    {
        var isOwn = string.IsNullOrEmpty(resource.Version);
        return new ResourceInfo
        {
            Resource = new GroupVersionResource(version.Group, version.Version, resource.Name),
            Kind = isOwn ? new GroupVersionKind(version.Group, version.Version, resource.Kind) : new GroupVersionKind(resource.Group ?? "", resource.Version!, resource.Kind),
            Singular = resource.SingularName,
            ShortNames = resource.ShortNames,
            Categories = resource.Categories,
            Namespaced = resource.Namespaced,
            Verbs = resource.Verbs,
        };
    }
}
