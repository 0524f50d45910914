using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kybernet.Kubelet.DBus;

/// <summary>Writes values as D-Bus has them on the wire: little-endian, each at a multiple of its own size.</summary>
internal sealed class DBusWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public DBusWriter Byte(byte value)
    {
        _buffer.Write([value]);
        return this;
    }

    public DBusWriter UInt32(uint value)
    {
        Align(sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(sizeof(uint)), value);
        _buffer.Advance(sizeof(uint));
        return this;
    }

    public DBusWriter Int32(int value) => UInt32(unchecked((uint)value));

    public DBusWriter UInt64(ulong value)
    {
        Align(sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.GetSpan(sizeof(ulong)), value);
        _buffer.Advance(sizeof(ulong));
        return this;
    }

    public DBusWriter Boolean(bool value) => UInt32(value ? 1u : 0u);

    /// <summary>A string, or a path of an object.</summary>
    public DBusWriter Text(string value)
    {
        UInt32((uint)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, _buffer);
        return Byte(0);
    }

    /// <summary>The types of what follows.</summary>
    public DBusWriter Signature(string value)
    {
        Byte((byte)value.Length);
        Encoding.ASCII.GetBytes(value, _buffer);
        return Byte(0);
    }

    public DBusWriter Align(int size)
    {
        while (_buffer.WrittenCount % size != 0)
        {
            Byte(0);
        }
        return this;
    }

    public DBusWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _buffer.Write(bytes);
        return this;
    }
}
