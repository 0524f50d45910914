using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Autoscaling.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers;

/// <summary>Reads and writes the size of whatever has a <c>scale</c> subresource, custom resources included.</summary>
internal sealed class Scales(ApiClient client)
{
    private readonly ConcurrentDictionary<GroupVersionKind, GroupVersionResource> _resources = new();

    /// <exception cref="ApiException">The server refused; 404 where the kind is not served, cannot be scaled, or there is no such object.</exception>
    public async Task<Scale> GetAsync(GroupVersionKind kind, string @namespace, string name, CancellationToken cancellationToken) =>
        await client.SendAsync<Scale>(new ApiCall(HttpMethod.Get, await PathAsync(kind, @namespace, name, cancellationToken)), cancellationToken);

    /// <exception cref="ApiException">The server refused.</exception>
    public async Task UpdateAsync(GroupVersionKind kind, Scale scale, CancellationToken cancellationToken)
    {
        var path = await PathAsync(kind, scale.Metadata.Namespace!, scale.Metadata.Name!, cancellationToken);
        await client.SendAsync<Scale>(new ApiCall(HttpMethod.Put, path) { Body = ModelJson.ToUtf8(scale) }, cancellationToken);
    }

    private async Task<string> PathAsync(GroupVersionKind kind, string @namespace, string name, CancellationToken cancellationToken)
    {
        if (!_resources.TryGetValue(kind, out var resource))
        {
            _resources[kind] = resource = await FindAsync(kind, cancellationToken);
        }
        return $"{ResourcePath.Of(resource, @namespace)}/{Uri.EscapeDataString(name)}/scale";
    }

    private async Task<GroupVersionResource> FindAsync(GroupVersionKind kind, CancellationToken cancellationToken)
    {
        var path = kind.Group.Length == 0 ? $"/api/{kind.Version}" : $"/apis/{kind.GroupVersion}";
        var reply = await client.Transport.SendAsync(new ApiCall(HttpMethod.Get, path), cancellationToken);
        ApiClient.ThrowIfFailed(reply);
        foreach (var served in JsonNode.Parse(reply.Body.Span)?["resources"]?.AsArray() ?? [])
        {
            if ((string?)served!["kind"] == kind.Kind && (string?)served["name"] is { } name && !name.Contains('/', StringComparison.Ordinal))
            {
                return new GroupVersionResource(kind.Group, kind.Version, name);
            }
        }
        throw new ApiException(new Status { Code = 404, Reason = "NotFound", Message = $"no matches for kind \"{kind.Kind}\" in version \"{kind.GroupVersion}\"" });
    }
}
