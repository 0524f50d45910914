namespace Kybernet.Network.Policies;

/// <summary>How nft spells the protocols of ports.</summary>
internal static class Protocols
{
    /// <summary>The word for a protocol of the API, where none means TCP.</summary>
    public static string Of(string? protocol) => protocol switch
    {
        "UDP" => "udp",
        "SCTP" => "sctp",
        _ => "tcp",
    };
}
