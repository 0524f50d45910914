using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Coordination.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Testing.Nodes;

/// <summary>Keeps the Node and the Lease of a hollow node, as a kubelet does.</summary>
internal sealed class HollowNode(ApiClient client, HollowNodeOptions options, string address, TimeProvider clock)
{
    private const string LeaseNamespace = "kube-node-lease";
    private const int KubeletPort = 10250;
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(40);

    /// <summary>Registers the node: it is Ready when this returns.</summary>
    /// <exception cref="ApiException">The server refuses it: a name or a quantity is none.</exception>
    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var labels = new Dictionary<string, string>(options.Labels)
        {
            ["kubernetes.io/hostname"] = options.Name,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = "amd64",
        };
        Taint[] taints = [.. options.Taints.Select(static taint => new Taint { Key = taint.Key, Value = taint.Value, Effect = taint.Effect })];
        var node = new Node { Metadata = new ObjectMeta { Name = options.Name, Labels = labels }, Spec = new NodeSpec { Taints = taints }, Status = Status() };
        await client.CreateAsync(node, cancellationToken);
        // Admission keeps pods from new nodes until they are known to be Ready, and there may be no controller to take that back.
        var untainted = new JsonObject { ["spec"] = new JsonObject { ["taints"] = JsonNode.Parse(ModelJson.ToUtf8(node.Spec))!["taints"]?.DeepClone() } };
        await client.PatchAsync<Node>("", options.Name, "", Patch.Merge(untainted), cancellationToken);
        await RenewAsync(cancellationToken);
    }

    /// <summary>Renews the lease until the token fires.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RenewEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await RenewAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The cluster ends.
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var spec = new LeaseSpec { HolderIdentity = options.Name, LeaseDurationSeconds = (int)LeaseDuration.TotalSeconds, RenewTime = clock.GetUtcNow() };
        if (await client.FindAsync<Lease>(LeaseNamespace, options.Name, cancellationToken) is { } lease)
        {
            await client.UpdateAsync(lease with { Spec = spec }, cancellationToken);
        }
        else
        {
            await client.CreateAsync(new Lease { Metadata = new ObjectMeta { Namespace = LeaseNamespace, Name = options.Name }, Spec = spec }, cancellationToken);
        }
    }

    private NodeStatus Status()
    {
        var capacity = options.Capacity.ToDictionary(static entry => entry.Key, static entry => Quantity.Parse(entry.Value));
        var now = clock.GetUtcNow();
        return new NodeStatus
        {
            Capacity = capacity,
            Allocatable = capacity,
            Conditions = [Condition("MemoryPressure", "False"), Condition("DiskPressure", "False"), Condition("PIDPressure", "False"), Condition("Ready", "True")],
            Addresses = [new NodeAddress { Type = "InternalIP", Address = address }, new NodeAddress { Type = "Hostname", Address = options.Name }],
            DaemonEndpoints = new NodeDaemonEndpoints { KubeletEndpoint = new DaemonEndpoint { Port = KubeletPort } },
        };

        NodeCondition Condition(string type, string status) => new()
        {
            Type = type,
            Status = status,
            Reason = "HollowNode",
            Message = "there is no machine that could be otherwise",
            LastHeartbeatTime = now,
            LastTransitionTime = now,
        };
    }
}
