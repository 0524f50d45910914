namespace Kybernet.Network.Policies;

/// <summary>One of the two ways that a policy speaks of, and how packets that go that way are told apart.</summary>
/// <param name="Name">As in <c>policyTypes</c>.</param>
/// <param name="Word">The same as part of names in nft.</param>
/// <param name="PodField">The packet's field with the address of the pod that policies are about.</param>
/// <param name="PeerField">The packet's field with the address of the other side.</param>
internal sealed record Direction(string Name, string Word, string PodField, string PeerField)
{
    /// <summary>To the pod.</summary>
    public static Direction Ingress { get; } = new("Ingress", "ingress", "daddr", "saddr");

    /// <summary>From the pod.</summary>
    public static Direction Egress { get; } = new("Egress", "egress", "saddr", "daddr");

    /// <summary>Both.</summary>
    public static IReadOnlyList<Direction> All { get; } = [Ingress, Egress];
}
