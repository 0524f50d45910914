using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kybernet.ApiServer.Streaming.Spdy;

/// <summary>
/// Writes the header blocks of one direction of a SPDY connection. All of them are one zlib stream with SPDY's preset dictionary. The headers here are
/// a few words each, so they go into stored blocks: valid to every inflater, and no compressor is needed. After each block comes an empty one, by
/// which inflaters know that they may hand out what they have.
/// </summary>
internal sealed class SpdyHeaderEncoder
{
    private bool _began;

    /// <summary>How a zlib stream with a dictionary begins: deflate with a window of 32 KiB, and the Adler-32 of SPDY/3's dictionary.</summary>
    private static ReadOnlySpan<byte> ZlibHeader => [0x78, 0x20, 0xe3, 0xc6, 0xa7, 0xc2];

    private static ReadOnlySpan<byte> EmptyStoredBlock => [0x00, 0x00, 0x00, 0xff, 0xff];

    /// <summary>Writes one block.</summary>
    /// <param name="headers">Names, in lower case, and values.</param>
    /// <param name="output">Where to.</param>
    public void Encode(IReadOnlyList<KeyValuePair<string, string>> headers, IBufferWriter<byte> output)
    {
        var block = new ArrayBufferWriter<byte>(128);
        WriteNumber(block, headers.Count);
        foreach (var (name, value) in headers)
        {
            WriteText(block, name);
            WriteText(block, value);
        }
        if (!_began)
        {
            output.Write(ZlibHeader);
            _began = true;
        }
        var length = checked((ushort)block.WrittenCount);
        var stored = output.GetSpan(5);
        stored[0] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(stored[1..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(stored[3..], (ushort)~length);
        output.Advance(5);
        output.Write(block.WrittenSpan);
        output.Write(EmptyStoredBlock);
    }

    private static void WriteText(ArrayBufferWriter<byte> block, string text)
    {
        WriteNumber(block, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, block);
    }

    private static void WriteNumber(ArrayBufferWriter<byte> block, int number)
    {
        BinaryPrimitives.WriteInt32BigEndian(block.GetSpan(4), number);
        block.Advance(4);
    }
}
