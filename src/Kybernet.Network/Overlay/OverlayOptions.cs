namespace Kybernet.Network.Overlay;

/// <summary>How pods of different nodes reach each other.</summary>
public enum OverlayMode
{
    /// <summary>Packets are wrapped in VXLAN (RFC 7348): works wherever the nodes reach each other.</summary>
    Vxlan,

    /// <summary>Packets are routed as they are, through the other node as a gateway: for nodes of one link.</summary>
    HostGateway,
}

/// <summary>What a node's part of the pod network has to be told.</summary>
public sealed record OverlayOptions
{
    /// <summary>The Node's name.</summary>
    public required string NodeName { get; init; }

    /// <summary>The node's address, that the others send to.</summary>
    public required string NodeIP { get; init; }

    /// <summary>The name of the VXLAN interface: 15 characters at the most.</summary>
    public required string Device { get; init; }

    /// <summary>How packets travel.</summary>
    public OverlayMode Mode { get; init; } = OverlayMode.Vxlan;

    /// <summary>The number of the cluster's network, of 24 bits: the same on every node, and another than that of other clusters on the same link.</summary>
    public int NetworkIdentifier { get; init; } = 1;

    /// <summary>The UDP port of VXLAN.</summary>
    public int Port { get; init; } = 8472;
}
