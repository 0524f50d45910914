using Kybernet.Api;
using Kybernet.Api.Autoscaling.V1;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers;

/// <summary>Reads and writes the size of whatever has a <c>scale</c> subresource, custom resources included.</summary>
internal sealed class Scales(ApiClient client, ServedKinds kinds)
{
    /// <exception cref="ApiException">The server refused; 404 where the kind is not served, cannot be scaled, or there is no such object.</exception>
    public async Task<Scale> GetAsync(GroupVersionKind kind, string @namespace, string name, CancellationToken cancellationToken) =>
        await client.SendAsync<Scale>(new ApiCall(HttpMethod.Get, await PathAsync(kind, @namespace, name, cancellationToken)), cancellationToken);

    /// <exception cref="ApiException">The server refused.</exception>
    public async Task UpdateAsync(GroupVersionKind kind, Scale scale, CancellationToken cancellationToken)
    {
        var path = await PathAsync(kind, scale.Metadata.Namespace!, scale.Metadata.Name!, cancellationToken);
        await client.SendAsync<Scale>(new ApiCall(HttpMethod.Put, path) { Body = ModelJson.ToUtf8(scale) }, cancellationToken);
    }

    private async Task<string> PathAsync(GroupVersionKind kind, string @namespace, string name, CancellationToken cancellationToken) =>
        $"{ResourcePath.Of(await kinds.FindAsync(kind, cancellationToken), @namespace)}/{Uri.EscapeDataString(name)}/scale";
}
