using System.Buffers.Binary;

namespace Kybernet.Network.Dns.Messages;

/// <summary>Writes the questions that other servers are asked.</summary>
internal static class QueryWriter
{
    /// <summary>A question, with an OPT record.</summary>
    public static byte[] Write(ushort id, ReadOnlySpan<byte> name, RecordType type, bool wantsDnssec)
    {
        var message = new byte[HeaderFlags.Size + name.Length + 4 + 11];
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), HeaderFlags.RecursionDesired);
        message[5] = 1;
        message[11] = 1;
        name.CopyTo(message.AsSpan(HeaderFlags.Size));
        var rest = message.AsSpan(HeaderFlags.Size + name.Length);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)type);
        rest[3] = 1;
        rest[6] = (byte)RecordType.Opt;
        BinaryPrimitives.WriteUInt16BigEndian(rest[7..], Payload.Max);
        rest[11] = (byte)(wantsDnssec ? 0x80 : 0);
        return message;
    }
}
