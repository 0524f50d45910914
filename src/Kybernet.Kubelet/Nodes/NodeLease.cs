using Kybernet.Api.Coordination.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Nodes;

/// <summary>Says every few seconds that the node lives: by a Lease, which is small, owned by the Node.</summary>
internal sealed partial class NodeLease(ApiClient client, NodeReporter reporter, KubeletOptions options, TimeProvider time, ILogger logger)
{
    private const string Namespace = "kube-node-lease";
    private const int DurationSeconds = 40;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Renews until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var node = await reporter.Registered.WaitAsync(cancellationToken);
        while (true)
        {
            var wait = options.LeaseRenewal;
            try
            {
                await RenewAsync(node, cancellationToken);
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                LogFailed(exception.Message);
                wait = RetryAfter;
            }
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private async Task RenewAsync(Node node, CancellationToken cancellationToken)
    {
        var lease = await client.FindAsync<Lease>(Namespace, options.NodeName, cancellationToken);
        var spec = (lease?.Spec ?? new LeaseSpec()) with
        {
            HolderIdentity = options.NodeName,
            LeaseDurationSeconds = DurationSeconds,
            RenewTime = time.GetUtcNow(),
        };
        if (lease is not null)
        {
            await client.UpdateAsync(lease with { Spec = spec }, cancellationToken);
            return;
        }
        var metadata = new ObjectMeta
        {
            Name = options.NodeName,
            Namespace = Namespace,
            OwnerReferences = [new OwnerReference { ApiVersion = "v1", Kind = "Node", Name = options.NodeName, Uid = node.Metadata.Uid ?? "" }],
        };
        await client.CreateAsync(new Lease { Metadata = metadata, Spec = spec }, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "The node's lease could not be renewed: {Problem}")]
    private partial void LogFailed(string problem);
}
