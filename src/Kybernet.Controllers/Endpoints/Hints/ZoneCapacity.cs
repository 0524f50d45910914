using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Endpoints.Hints;

/// <summary>What one node tells of where it is and how much it can do.</summary>
/// <param name="Zone">Its zone; empty where its label does not say.</param>
/// <param name="Cpu">Its allocatable processors.</param>
internal readonly record struct ZoneCapacity(string Zone, Quantity Cpu)
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";
    private static readonly string[] ExcludingLabels = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

    /// <summary>What a node tells; null where it does not count, because it is not ready or belongs to the control plane.</summary>
    public static ZoneCapacity? Of(Node node)
    {
        if (ExcludingLabels.Any(node.Metadata.Labels.ContainsKey) || !node.Status.Conditions.Any(static condition => condition is { Type: "Ready", Status: "True" }))
        {
            return null;
        }
        return new ZoneCapacity(node.Metadata.Labels.GetValueOrDefault(ZoneLabel, ""), node.Status.Allocatable.GetValueOrDefault("cpu"));
    }

    /// <summary>Each zone's share of all processors; null where a node does not say enough.</summary>
    public static IReadOnlyDictionary<string, double>? Shares(ILister<Node> nodes)
    {
        var byZone = new SortedDictionary<string, Quantity>(StringComparer.Ordinal);
        var total = Quantity.Zero;
        foreach (var node in nodes.List())
        {
            if (Of(node) is not { } capacity)
            {
                continue;
            }
            if (capacity.Zone.Length == 0 || capacity.Cpu.IsZero)
            {
                return null;
            }
            byZone[capacity.Zone] = byZone.GetValueOrDefault(capacity.Zone) + capacity.Cpu;
            total += capacity.Cpu;
        }
        return total.IsZero || byZone.Count < 2
            ? null
            : byZone.ToDictionary(static zone => zone.Key, zone => zone.Value.ToDouble() / total.ToDouble(), StringComparer.Ordinal);
    }
}
