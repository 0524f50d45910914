using System.Buffers.Text;
using System.Text;

namespace Kybernet.ApiServer.Streaming;

/// <summary>One of the subprotocols by which a client talks to a process over a WebSocket: each message begins with the number of its channel.</summary>
/// <param name="Name">As in <c>v5.channel.k8s.io</c>; empty where the client offered none.</param>
/// <param name="IsBase64">Whether messages are text: the channel as a digit, the bytes as base64.</param>
/// <param name="CanHalfClose">Whether the client can close its input and go on reading: version 5.</param>
/// <param name="HasStatus">Whether the error channel carries a <c>Status</c>, rather than a text on failure: since version 4.</param>
internal sealed record ChannelProtocol(string Name, bool IsBase64, bool CanHalfClose, bool HasStatus)
{
    /// <summary>The message that closes a channel: this, and the channel's number.</summary>
    public const byte CloseSignal = 255;

    private static readonly ChannelProtocol[] Known =
    [
        new("v5.channel.k8s.io", false, true, true),
        new("v4.channel.k8s.io", false, false, true),
        new("v4.base64.channel.k8s.io", true, false, true),
        new("channel.k8s.io", false, false, false),
        new("base64.channel.k8s.io", true, false, false),
    ];

    /// <summary>The best of those that the client offers; null where none of them is known.</summary>
    public static ChannelProtocol? Choose(IReadOnlyList<string> offered) =>
        offered.Count == 0 ? new ChannelProtocol("", false, false, false) : Array.Find(Known, protocol => offered.Contains(protocol.Name));

    /// <summary>A message of a channel.</summary>
    public byte[] Encode(RemoteChannel channel, ReadOnlySpan<byte> payload)
    {
        if (!IsBase64)
        {
            var message = new byte[payload.Length + 1];
            message[0] = (byte)channel;
            payload.CopyTo(message.AsSpan(1));
            return message;
        }
        var text = new byte[1 + Base64.GetMaxEncodedToUtf8Length(payload.Length)];
        text[0] = (byte)('0' + (int)channel);
        Base64.EncodeToUtf8(payload, text.AsSpan(1), out _, out var written);
        return text[..(1 + written)];
    }

    /// <summary>Takes a whole message apart.</summary>
    /// <exception cref="InvalidDataException">The message is not in the protocol's form.</exception>
    public (RemoteChannel Channel, ReadOnlyMemory<byte> Payload) Decode(ReadOnlyMemory<byte> message)
    {
        if (message.IsEmpty)
        {
            throw new InvalidDataException("a message has no channel");
        }
        if (!IsBase64)
        {
            return ((RemoteChannel)message.Span[0], message[1..]);
        }
        try
        {
            return ((RemoteChannel)(message.Span[0] - '0'), Convert.FromBase64String(Encoding.ASCII.GetString(message.Span[1..])));
        }
        catch (FormatException exception)
        {
            throw new InvalidDataException("a message is not base64", exception);
        }
    }
}

/// <summary>The channels of a remote command.</summary>
internal enum RemoteChannel : byte
{
    /// <summary>Its input.</summary>
    Stdin = 0,

    /// <summary>Its output.</summary>
    Stdout = 1,

    /// <summary>Its errors.</summary>
    Stderr = 2,

    /// <summary>How it ended.</summary>
    Error = 3,

    /// <summary>The sizes of its terminal.</summary>
    Resize = 4,
}
