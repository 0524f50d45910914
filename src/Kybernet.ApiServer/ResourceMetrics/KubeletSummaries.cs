using System.Text.Json;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;
using Kybernet.ApiServer.Streaming;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.ResourceMetrics;

/// <summary>
/// Asks the kubelets what their nodes use, when somebody wants to know: a cluster in which nobody does pays nothing. An answer serves everybody for as long as
/// a kubelet would say the same again.
/// </summary>
internal sealed partial class KubeletSummaries(StoreFollower follower, KubeletConnections kubelets, TimeProvider time, ILogger<KubeletSummaries> logger)
{
    /// <summary>Over how long a kubelet measures.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Task<NodeUsage[]>? _last;
    private DateTimeOffset _asked;

    /// <summary>What the nodes use. One whose kubelet does not answer is not among them.</summary>
    public Task<NodeUsage[]> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_last is null || now - _asked > Freshness)
            {
                (_last, _asked) = (AskAllAsync(), now);
            }
            return _last.WaitAsync(cancellationToken);
        }
    }

    // Shared by all who wait, so it ends with the time that a kubelet has to answer and not with one of them.
    private async Task<NodeUsage[]> AskAllAsync()
    {
        using var patience = new CancellationTokenSource(Patience, time);
        var nodes = follower.Cache(RbacResources.Nodes).Snapshot.Items.Values.Select(node => AskAsync(node.Key.Name, patience.Token));
        return [.. (await Task.WhenAll(nodes)).OfType<NodeUsage>()];
    }

    private async Task<NodeUsage?> AskAsync(string node, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(kubelets.AddressOf(node), "/stats/summary"));
            using var response = await kubelets.SendAsync(request, verify: true, cancellationToken);
            response.EnsureSuccessStatusCode();
            return SummaryParser.Parse(node, await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is ApiError or HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            LogSilent(node, exception.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "What node {Node} uses is not known: {Problem}")]
    private partial void LogSilent(string node, string problem);
}
