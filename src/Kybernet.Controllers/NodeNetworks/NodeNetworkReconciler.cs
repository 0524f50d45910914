using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.NodeNetworks;

/// <summary>
/// Gives each Node its part of the pods' addresses: one of each of the cluster's networks, which a Node keeps as long as it exists. What upstream calls the
/// range allocator of node IPAM.
/// </summary>
internal sealed class NodeNetworkReconciler : IReconciler
{
    private static readonly TimeSpan WhenExhausted = TimeSpan.FromMinutes(1);

    private readonly ApiClient _client;
    private readonly ILister<Node> _nodes;
    private readonly IEventRecorder _events;
    private readonly IReadOnlyList<SubnetPool> _pools;

    // What a node was given, so that it comes back when the Node is gone. One worker: no lock.
    private readonly Dictionary<string, IReadOnlyList<IPNetwork>> _given = new(StringComparer.Ordinal);
    private bool _hasReadAll;

    private NodeNetworkReconciler(ApiClient client, ILister<Node> nodes, IEventRecorder events, IReadOnlyList<SubnetPool> pools)
    {
        _client = client;
        _nodes = nodes;
        _events = events;
        _pools = pools;
    }

    public static void Add(ControllerContext context)
    {
        var networks = context.Options.ClusterCidrs;
        if (networks.Count == 0)
        {
            return;
        }
        var client = context.ClientFor("node-controller");
        var nodes = context.Informers.Informer<Node>();
        var queue = context.Queue("node-ipam-controller");
        queue.WakeOn(nodes);
        SubnetPool[] pools = [.. networks.Select(network => new SubnetPool(network, PrefixLengthOf(network, context.Options)))];
        context.Run("node-ipam-controller", new NodeNetworkReconciler(client, nodes, context.Events(client, "cidrAllocator"), pools), queue, 1);
    }

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (!_hasReadAll)
        {
            // Nothing is given out before it is known what is taken.
            foreach (var node in _nodes.List())
            {
                Remember(node);
            }
            _hasReadAll = true;
        }
        if (_nodes.Get(key) is not { } current)
        {
            Release(key.Name);
            return Requeue.OnChange;
        }
        if (current.Spec.PodCIDR is { Length: > 0 })
        {
            Remember(current);
            return Requeue.OnChange;
        }
        return await GiveAsync(current, cancellationToken);
    }

    private async Task<Requeue> GiveAsync(Node node, CancellationToken cancellationToken)
    {
        var name = node.Metadata.Name!;
        if (!_given.TryGetValue(name, out var subnets))
        {
            if (TakeFromEach() is not { } taken)
            {
                _events.Record(node, EventType.Normal, "CIDRNotAvailable", $"Node {name} status is now: CIDRNotAvailable");
                return Requeue.In(WhenExhausted);
            }
            _given[name] = subnets = taken; // kept when the write fails: the next try gives the same
        }
        var texts = subnets.Select(static subnet => subnet.ToString()).ToArray();
        var spec = new JsonObject
        {
            ["podCIDR"] = JsonValue.Create(texts[0]),
            ["podCIDRs"] = new JsonArray([.. texts.Select(static text => (JsonNode?)JsonValue.Create(text))]),
        };
        await _client.PatchAsync<Node>("", name, "", Patch.Strategic(new JsonObject { ["spec"] = spec }), cancellationToken);
        return Requeue.OnChange;
    }

    private List<IPNetwork>? TakeFromEach()
    {
        var taken = new List<IPNetwork>();
        for (var i = 0; i < _pools.Count; i++)
        {
            if (_pools[i].TakeNext() is not { } subnet)
            {
                for (var j = 0; j < i; j++)
                {
                    _pools[j].Release(taken[j]);
                }
                return null;
            }
            taken.Add(subnet);
        }
        return taken;
    }

    private void Remember(Node node)
    {
        var subnets = new List<IPNetwork>();
        foreach (var text in node.Spec.PodCIDRs.Count > 0 ? node.Spec.PodCIDRs : [node.Spec.PodCIDR ?? ""])
        {
            if (IPNetwork.TryParse(text, out var subnet))
            {
                subnets.Add(subnet);
            }
        }
        if (subnets.Count == 0)
        {
            return;
        }
        if (!_given.TryGetValue(node.Metadata.Name!, out var known) || !known.SequenceEqual(subnets))
        {
            Release(node.Metadata.Name!);
            _given[node.Metadata.Name!] = subnets;
            foreach (var pool in _pools)
            {
                subnets.ForEach(pool.Take);
            }
        }
    }

    private void Release(string name)
    {
        if (!_given.Remove(name, out var subnets))
        {
            return;
        }
        foreach (var pool in _pools)
        {
            foreach (var subnet in subnets)
            {
                pool.Release(subnet);
            }
        }
    }

    private static int PrefixLengthOf(IPNetwork network, ControllerOptions options) => Math.Max(
        network.PrefixLength,
        network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? options.NodeCidrMaskSizeIPv6 : options.NodeCidrMaskSizeIPv4);
}
