using System.Net;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Streaming;

/// <summary>A kubelet's connection that now speaks SPDY.</summary>
/// <param name="Response">The kubelet's answer, which owns the connection.</param>
/// <param name="Stream">The connection.</param>
/// <param name="Protocol">What is spoken inside of SPDY, as in <c>v4.channel.k8s.io</c>; empty where the kubelet did not say.</param>
internal sealed record KubeletUpgrade(HttpResponseMessage Response, Stream Stream, string Protocol) : IAsyncDisposable
{
    private const string ProtocolHeader = "X-Stream-Protocol-Version";

    /// <summary>Asks a kubelet to speak SPDY.</summary>
    /// <exception cref="ApiError">The kubelet cannot be reached, or refused.</exception>
    public static async Task<KubeletUpgrade> ConnectAsync(
        KubeletConnections kubelets, Uri location, IEnumerable<string> protocols, string podName, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, location);
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "SPDY/3.1");
        foreach (var protocol in protocols)
        {
            request.Headers.TryAddWithoutValidation(ProtocolHeader, protocol);
        }
        var response = await kubelets.SendAsync(request, verify: true, cancellationToken);
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            using (response)
            {
                throw await LogProxy.RefusalAsync(response, podName, cancellationToken);
            }
        }
        var chosen = response.Headers.TryGetValues(ProtocolHeader, out var values) ? values.FirstOrDefault() ?? "" : "";
        return new KubeletUpgrade(response, await response.Content.ReadAsStreamAsync(cancellationToken), chosen);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        Response.Dispose();
    }
}
