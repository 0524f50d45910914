using System.Buffers.Binary;

namespace Kybernet.Api.Protobuf;

/// <summary>Reads the wire format of protobuf: fields of a number and a value.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The number of the current field.</summary>
    public int Number { get; private set; }

    /// <summary>The value of the current field, where it is a number.</summary>
    public ulong Value { get; private set; }

    /// <summary>The value of the current field, where it has a length: text, bytes, a message, or packed numbers.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Whether the current field has a length.</summary>
    public bool HasContent { get; private set; }

    /// <summary>Goes to the next field.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="FormatException">The bytes are no message.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = ReadVarint();
        Number = checked((int)(tag >> 3));
        HasContent = false;
        switch (tag & 7)
        {
            case 0:
                Value = ReadVarint();
                break;
            case 1:
                Value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                var length = ReadVarint();
                Content = Take(length <= int.MaxValue ? (int)length : throw Malformed());
                HasContent = true;
                break;
            case 5:
                Value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw Malformed();
        }
        return true;
    }

    /// <summary>Reads one of the packed numbers of a content.</summary>
    public static ulong ReadVarint(ref ReadOnlySpan<byte> content)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (content.IsEmpty)
            {
                throw Malformed();
            }
            var octet = content[0];
            content = content[1..];
            value |= (ulong)(octet & 0x7f) << shift;
            if (octet < 0x80)
            {
                return value;
            }
        }
        throw Malformed();
    }

    private ulong ReadVarint() => ReadVarint(ref _rest);

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw Malformed();
        }
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private static FormatException Malformed() => new("the protobuf message is malformed");
}
