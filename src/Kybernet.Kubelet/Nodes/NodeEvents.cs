using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Kubelet.Nodes;

/// <summary>Tells what becomes of the node.</summary>
internal sealed class NodeEvents(IEventRecorder recorder, KubeletOptions options)
{
    // Upstream knows nodes by their names.
    private readonly ObjectReference _node = new() { ApiVersion = "v1", Kind = "Node", Name = options.NodeName, Uid = options.NodeName };

    public void Normal(string reason, string message) => recorder.Record(_node, EventType.Normal, reason, message);

    public void Warning(string reason, string message) => recorder.Record(_node, EventType.Warning, reason, message);

    /// <summary>Tells which conditions are others than before.</summary>
    public void Changed(IReadOnlyList<NodeCondition> before, IReadOnlyList<NodeCondition> now)
    {
        foreach (var condition in now)
        {
            if (ReasonOf(condition) is { } reason && before.FirstOrDefault(other => other.Type == condition.Type)?.Status != condition.Status)
            {
                Normal(reason, $"Node {options.NodeName} status is now: {reason}");
            }
        }
    }

    // Conditions of others than the kubelet are theirs to tell.
    private static string? ReasonOf(NodeCondition condition) => (condition.Type, condition.Status == "True") switch
    {
        ("Ready", true) => "NodeReady",
        ("Ready", false) => "NodeNotReady",
        ("MemoryPressure", true) => "NodeHasInsufficientMemory",
        ("MemoryPressure", false) => "NodeHasSufficientMemory",
        ("DiskPressure", true) => "NodeHasDiskPressure",
        ("DiskPressure", false) => "NodeHasNoDiskPressure",
        ("PIDPressure", true) => "NodeHasInsufficientPID",
        ("PIDPressure", false) => "NodeHasSufficientPID",
        _ => null,
    };
}
