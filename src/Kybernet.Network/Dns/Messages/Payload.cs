namespace Kybernet.Network.Dns.Messages;

/// <summary>How long a message in a datagram may be.</summary>
internal static class Payload
{
    /// <summary>What everybody takes.</summary>
    public const int Min = 512;

    /// <summary>What no usual path cuts into pieces; more is neither taken nor sent, whatever the other side offers.</summary>
    public const int Max = 1232;
}
