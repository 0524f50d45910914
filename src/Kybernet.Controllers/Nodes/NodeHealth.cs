using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.Nodes;

/// <summary>When a node was last heard of, by our own clock: its clock may be another.</summary>
internal sealed class NodeHealth(long heardAt)
{
    private DateTimeOffset? _heartbeat;
    private DateTimeOffset? _renewed;

    public long HeardAt { get; private set; } = heardAt;

    /// <summary>Looks whether the node has written its status or renewed its lease since the last look.</summary>
    public void Observe(NodeCondition? ready, DateTimeOffset? renewed, long now)
    {
        if (ready is not null && ready.LastHeartbeatTime != _heartbeat)
        {
            _heartbeat = ready.LastHeartbeatTime;
            HeardAt = now;
        }
        if (renewed > (_renewed ?? DateTimeOffset.MinValue))
        {
            _renewed = renewed;
            HeardAt = now;
        }
    }
}
