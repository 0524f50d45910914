using Grpc.Core;
using Grpc.Net.Client;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Volumes.Csi.V1;
using Capability = Kybernet.Kubelet.Volumes.Csi.V1.NodeServiceCapability.Types.RPC.Types.Type;

namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>Talks to the node's part of a storage driver, behind its socket.</summary>
internal sealed class CsiNodeClient(string endpoint, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly GrpcChannel _channel = CriConnection.Open(endpoint);

    private Node.NodeClient Node => field ??= new Node.NodeClient(_channel);

    /// <summary>What the driver says of the node.</summary>
    /// <exception cref="VolumeException">It does not answer.</exception>
    public Task<NodeGetInfoResponse> GetInfoAsync(CancellationToken cancellationToken) =>
        CallAsync(token => Node.NodeGetInfoAsync(new NodeGetInfoRequest(), cancellationToken: token), cancellationToken);

    /// <summary>What the driver can do beyond the least.</summary>
    /// <exception cref="VolumeException">It does not answer.</exception>
    public async Task<IReadOnlySet<Capability>> GetCapabilitiesAsync(CancellationToken cancellationToken)
    {
        var reply = await CallAsync(token => Node.NodeGetCapabilitiesAsync(new NodeGetCapabilitiesRequest(), cancellationToken: token), cancellationToken);
        return reply.Capabilities.Select(static capability => capability.Rpc?.Type ?? Capability.Unknown).ToHashSet();
    }

    /// <exception cref="VolumeException">The driver refused.</exception>
    public Task StageAsync(NodeStageVolumeRequest request, CancellationToken cancellationToken) =>
        CallAsync(token => Node.NodeStageVolumeAsync(request, cancellationToken: token), cancellationToken);

    /// <exception cref="VolumeException">The driver refused.</exception>
    public Task UnstageAsync(string volume, string path, CancellationToken cancellationToken) => CallAsync(
        token => Node.NodeUnstageVolumeAsync(new NodeUnstageVolumeRequest { VolumeId = volume, StagingTargetPath = path }, cancellationToken: token), cancellationToken);

    /// <exception cref="VolumeException">The driver refused.</exception>
    public Task PublishAsync(NodePublishVolumeRequest request, CancellationToken cancellationToken) =>
        CallAsync(token => Node.NodePublishVolumeAsync(request, cancellationToken: token), cancellationToken);

    /// <exception cref="VolumeException">The driver refused.</exception>
    public Task UnpublishAsync(string volume, string path, CancellationToken cancellationToken) => CallAsync(
        token => Node.NodeUnpublishVolumeAsync(new NodeUnpublishVolumeRequest { VolumeId = volume, TargetPath = path }, cancellationToken: token), cancellationToken);

    /// <summary>How full a volume is.</summary>
    /// <exception cref="VolumeException">The driver does not say.</exception>
    public async Task<IReadOnlyList<VolumeUsage>> GetUsageAsync(string volume, string path, CancellationToken cancellationToken)
    {
        var request = new NodeGetVolumeStatsRequest { VolumeId = volume, VolumePath = path };
        return (await CallAsync(token => Node.NodeGetVolumeStatsAsync(request, cancellationToken: token), cancellationToken)).Usage;
    }

    public void Dispose() => _channel.Dispose();

    private async Task<T> CallAsync<T>(Func<CancellationToken, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var running = call(either.Token);
            return await running.ResponseAsync;
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new VolumeException($"rpc error: code = {exception.StatusCode} desc = {exception.Status.Detail}", exception);
        }
    }
}
