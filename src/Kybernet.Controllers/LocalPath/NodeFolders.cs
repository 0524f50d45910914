using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.LocalPath;

/// <summary>Asks nodes to make and remove the folders of volumes, through the API server's proxy to their kubelets.</summary>
internal sealed class NodeFolders(ApiClient client)
{
    /// <returns>The folder's path on the node.</returns>
    /// <exception cref="ApiException">The node cannot be reached, or did not succeed.</exception>
    public async Task<string> CreateAsync(string node, string volume, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString((await SendAsync(HttpMethod.Put, node, volume, cancellationToken)).Body.Span);

    /// <summary>Removes the folder with all that is in it; also where it is gone already.</summary>
    /// <exception cref="ApiException">The node cannot be reached, or did not succeed.</exception>
    public Task RemoveAsync(string node, string volume, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, node, volume, cancellationToken);

    private async Task<ApiReply> SendAsync(HttpMethod method, string node, string volume, CancellationToken cancellationToken)
    {
        var reply = await client.Transport.SendAsync(
            new ApiCall(method, ResourcePath.Of<Node>("", node, "proxy") + "/localVolumes/" + Uri.EscapeDataString(volume)), cancellationToken);
        ApiClient.ThrowIfFailed(reply);
        return reply;
    }
}
