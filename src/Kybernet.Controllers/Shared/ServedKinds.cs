using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers;

/// <summary>Finds the resource of a kind that is only known by name, by asking the server what it serves.</summary>
internal sealed class ServedKinds(ApiClient client)
{
    private readonly ConcurrentDictionary<GroupVersionKind, GroupVersionResource> _resources = new();

    /// <exception cref="ApiException">The server refused; 404 where the kind is not served.</exception>
    public async Task<GroupVersionResource> FindAsync(GroupVersionKind kind, CancellationToken cancellationToken)
    {
        if (_resources.TryGetValue(kind, out var known))
        {
            return known;
        }
        var path = kind.Group.Length == 0 ? $"/api/{kind.Version}" : $"/apis/{kind.GroupVersion}";
        var reply = await client.Transport.SendAsync(new ApiCall(HttpMethod.Get, path), cancellationToken);
        ApiClient.ThrowIfFailed(reply);
        foreach (var served in JsonNode.Parse(reply.Body.Span)?["resources"]?.AsArray() ?? [])
        {
            if ((string?)served!["kind"] == kind.Kind && (string?)served["name"] is { } name && !name.Contains('/', StringComparison.Ordinal))
            {
                return _resources[kind] = new GroupVersionResource(kind.Group, kind.Version, name);
            }
        }
        throw new ApiException(new Status { Code = 404, Reason = "NotFound", Message = $"no matches for kind \"{kind.Kind}\" in version \"{kind.GroupVersion}\"" });
    }
}
