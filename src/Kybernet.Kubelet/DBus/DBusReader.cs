using System.Buffers.Binary;
using System.Text;

namespace Kybernet.Kubelet.DBus;

/// <summary>Reads values as D-Bus has them on the wire.</summary>
/// <param name="bytes">What is read, from a multiple of eight on, in the order that this machine writes.</param>
internal sealed class DBusReader(ReadOnlyMemory<byte> bytes)
{
    public DBusReader(DBusMessage message)
        : this(message.Body)
    {
    }

    public int Position { get; private set; }

    public byte Byte() => Take(1)[0];

    public uint UInt32()
    {
        Align(sizeof(uint));
        return BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
    }

    public ulong UInt64()
    {
        Align(sizeof(ulong));
        return BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
    }

    public bool Boolean() => UInt32() != 0;

    public string Text()
    {
        var text = Encoding.UTF8.GetString(Take((int)UInt32()));
        Byte();
        return text;
    }

    public string Signature()
    {
        var text = Encoding.ASCII.GetString(Take(Byte()));
        Byte();
        return text;
    }

    public void Align(int size) => Position = (Position + size - 1) / size * size;

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || Position + count > bytes.Length)
        {
            throw new DBusException("a message of the bus is cut short");
        }
        var span = bytes.Span.Slice(Position, count);
        Position += count;
        return span;
    }
}
