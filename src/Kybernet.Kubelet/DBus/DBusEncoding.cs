using System.Buffers.Binary;

namespace Kybernet.Kubelet.DBus;

/// <summary>Messages as they are on the wire (D-Bus Specification: Message Format).</summary>
internal static class DBusEncoding
{
    /// <summary>The part that is of the same length in all messages and says how long the rest is.</summary>
    public const int PreambleLength = 16;

    private const byte LittleEndian = (byte)'l';
    private const byte Version = 1;
    private const int MaxLength = 1 << 27;

    private enum Field : byte
    {
        Path = 1,
        Interface = 2,
        Member = 3,
        ErrorName = 4,
        ReplySerial = 5,
        Destination = 6,
        Sender = 7,
        Signature = 8,
        FileCount = 9,
    }

    public static ReadOnlyMemory<byte> Encode(DBusMessage message)
    {
        var fields = Fields(message).Written;
        return new DBusWriter()
            .Byte(LittleEndian).Byte((byte)message.Type).Byte(0).Byte(Version)
            .UInt32((uint)message.Body.Length)
            .UInt32(message.Serial)
            .UInt32((uint)fields.Length)
            .Bytes(fields.Span)
            .Align(8)
            .Bytes(message.Body.Span)
            .Written;
    }

    /// <summary>How long a message is, all in all.</summary>
    /// <exception cref="DBusException">It is none, or longer than messages may be.</exception>
    public static int LengthOf(ReadOnlySpan<byte> preamble)
    {
        // Messages are passed on as they were sent: one in the byte order of other machines was sent by nobody on this one.
        if (preamble[0] != LittleEndian || preamble[3] != Version)
        {
            throw new DBusException("what came over the bus is no message of it");
        }
        long body = BinaryPrimitives.ReadUInt32LittleEndian(preamble[4..]);
        long fields = BinaryPrimitives.ReadUInt32LittleEndian(preamble[12..]);
        var length = ((PreambleLength + fields + 7) / 8 * 8) + body;
        return length <= MaxLength ? (int)length : throw new DBusException($"a message of the bus has {length} bytes, which is more than it may");
    }

    /// <exception cref="DBusException">It cannot be understood.</exception>
    public static DBusMessage Decode(ReadOnlyMemory<byte> bytes)
    {
        var reader = new DBusReader(bytes);
        reader.Byte();
        var message = new DBusMessage((DBusMessageType)reader.Byte());
        reader.Byte();
        reader.Byte();
        var body = (int)reader.UInt32();
        message = message with { Serial = reader.UInt32() };
        var end = (int)reader.UInt32() + PreambleLength;
        while (reader.Position < end)
        {
            reader.Align(8);
            message = ReadField(reader, message);
        }
        return message with { Body = bytes[^body..] };
    }

    private static DBusWriter Fields(DBusMessage message)
    {
        var writer = new DBusWriter();
        Add(Field.Path, "o", message.Path);
        Add(Field.Interface, "s", message.Interface);
        Add(Field.Member, "s", message.Member);
        Add(Field.ErrorName, "s", message.ErrorName);
        Add(Field.Destination, "s", message.Destination);
        AddNumber(Field.ReplySerial, message.ReplySerial);
        AddNumber(Field.FileCount, message.FileCount);
        if (message.Signature.Length > 0)
        {
            writer.Align(8).Byte((byte)Field.Signature).Signature("g").Signature(message.Signature);
        }
        return writer;

        void Add(Field field, string type, string value)
        {
            if (value.Length > 0)
            {
                writer.Align(8).Byte((byte)field).Signature(type).Text(value);
            }
        }

        void AddNumber(Field field, uint value)
        {
            if (value > 0)
            {
                writer.Align(8).Byte((byte)field).Signature("u").UInt32(value);
            }
        }
    }

    private static DBusMessage ReadField(DBusReader reader, DBusMessage message)
    {
        var field = (Field)reader.Byte();
        return (field, reader.Signature()) switch
        {
            (Field.Path, "o") => message with { Path = reader.Text() },
            (Field.Interface, "s") => message with { Interface = reader.Text() },
            (Field.Member, "s") => message with { Member = reader.Text() },
            (Field.ErrorName, "s") => message with { ErrorName = reader.Text() },
            (Field.ReplySerial, "u") => message with { ReplySerial = reader.UInt32() },
            (Field.Destination, "s") => message with { Destination = reader.Text() },
            (Field.Sender, "s") => message with { Sender = reader.Text() },
            (Field.Signature, "g") => message with { Signature = reader.Signature() },
            (Field.FileCount, "u") => message with { FileCount = reader.UInt32() },
            var (other, type) => throw new DBusException($"header field {(byte)other} of type {type} is not known"),
        };
    }
}
