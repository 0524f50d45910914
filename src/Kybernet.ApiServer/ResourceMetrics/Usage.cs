namespace Kybernet.ApiServer.ResourceMetrics;

/// <summary>What something uses.</summary>
/// <param name="At">When it was measured.</param>
/// <param name="NanoCores">Nanoseconds of processor time in a second.</param>
/// <param name="WorkingSetBytes">Memory that cannot be taken from it without harm.</param>
internal sealed record Usage(DateTimeOffset At, long NanoCores, long WorkingSetBytes);

/// <summary>What a pod's containers use.</summary>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Name">The pod's name.</param>
/// <param name="Uid">The pod's uid.</param>
/// <param name="Containers">Each container with what it uses.</param>
internal sealed record PodUsage(string Namespace, string Name, string Uid, IReadOnlyList<KeyValuePair<string, Usage>> Containers);

/// <summary>What a node and its pods use.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Node">The node as a whole; null where it is not known yet.</param>
/// <param name="Pods">The pods all of whose containers are known.</param>
internal sealed record NodeUsage(string Name, Usage? Node, IReadOnlyList<PodUsage> Pods);
