using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>Reads the server name out of the first message of a TLS connection.</summary>
internal static class ClientHello
{
    private const int RecordHeader = 5;
    private const byte HandshakeRecord = 22;
    private const byte ClientHelloMessage = 1;
    private const int MaxLength = 16 * 1024;
    private const int VersionAndRandom = 34;
    private const ushort ServerNameExtension = 0;

    /// <summary>Looks for the name.</summary>
    /// <param name="received">What has come so far.</param>
    /// <param name="name">The name; empty where the client does not say it, or does not speak TLS.</param>
    /// <returns>False while more has to come.</returns>
    public static bool TryReadServerName(ReadOnlySequence<byte> received, out string name)
    {
        name = "";
        var message = new ArrayBufferWriter<byte>();
        var rest = received;
        Span<byte> header = stackalloc byte[RecordHeader];
        while (rest.Length >= RecordHeader)
        {
            rest.Slice(0, RecordHeader).CopyTo(header);
            var length = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
            if (header[0] != HandshakeRecord || length > MaxLength)
            {
                return true;
            }
            if (rest.Length < RecordHeader + length)
            {
                return false;
            }
            rest.Slice(RecordHeader, length).CopyTo(message.GetSpan(length));
            message.Advance(length);
            rest = rest.Slice(RecordHeader + length);
            if (IsComplete(message.WrittenSpan))
            {
                name = ServerName(new Fields(message.WrittenSpan[4..]));
                return true;
            }
        }
        return received.Length > MaxLength;
    }

    private static bool IsComplete(ReadOnlySpan<byte> message) =>
        message.Length >= 4 && (message[0] != ClientHelloMessage || message.Length >= 4 + ((message[1] << 16) | (message[2] << 8) | message[3]));

    private static string ServerName(Fields hello)
    {
        hello.Take(VersionAndRandom);
        hello.Take(hello.Byte()); // session
        hello.Take(hello.Number()); // ciphers
        hello.Take(hello.Byte()); // compressions
        var extensions = new Fields(hello.Take(hello.Number()));
        while (!extensions.IsEmpty)
        {
            var type = extensions.Number();
            var content = new Fields(extensions.Take(extensions.Number()));
            if (type == ServerNameExtension)
            {
                content.Number(); // of the list, which has one entry: a host name
                content.Byte();
                return Encoding.ASCII.GetString(content.Take(content.Number()));
            }
        }
        return "";
    }

    /// <summary>Reads fields one after another; what is not there reads as nothing.</summary>
    private ref struct Fields(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public readonly bool IsEmpty => _rest.IsEmpty;

        public int Byte() => Take(1) is [var one] ? one : 0;

        public int Number() => Take(2) is [var high, var low] ? (high << 8) | low : 0;

        public ReadOnlySpan<byte> Take(int count)
        {
            var taken = _rest[..Math.Min(count, _rest.Length)];
            _rest = _rest[taken.Length..];
            return taken;
        }
    }
}
