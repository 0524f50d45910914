using System.Text;

namespace Kybernet.ApiServer.OpenApi;

/// <summary>
/// Writes protobuf messages in one pass: a message's length is patched in once it is known. It is written in four bytes however short it is, which
/// readers have to take.
/// </summary>
internal sealed class ProtobufMessageWriter
{
    private const int LengthBytes = 4;

    private byte[] _buffer = new byte[64 * 1024];
    private int _length;

    /// <summary>What is written so far.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Writes a string.</summary>
    public void Text(int field, string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        Tag(field, 2);
        Varint((uint)bytes);
        Encoding.UTF8.GetBytes(text, Take(bytes));
    }

    /// <summary>Writes a boolean that is true.</summary>
    public void True(int field)
    {
        Tag(field, 0);
        Varint(1);
    }

    /// <summary>Begins a message inside the one that is being written.</summary>
    /// <returns>What <see cref="End"/> wants.</returns>
    public int Begin(int field)
    {
        Tag(field, 2);
        Take(LengthBytes);
        return _length;
    }

    /// <summary>Ends the message that <see cref="Begin"/> began.</summary>
    public void End(int start)
    {
        var length = (uint)(_length - start);
        for (var i = 0; i < LengthBytes; i++)
        {
            _buffer[start - LengthBytes + i] = (byte)((length & 0x7F) | (i < LengthBytes - 1 ? 0x80u : 0));
            length >>= 7;
        }
    }

    private void Tag(int field, int wireType) => Varint((uint)((field << 3) | wireType));

    private void Varint(uint value)
    {
        while (value >= 0x80)
        {
            Take(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }
        Take(1)[0] = (byte)value;
    }

    private Span<byte> Take(int count)
    {
        if (_length + count > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }
        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }
}
