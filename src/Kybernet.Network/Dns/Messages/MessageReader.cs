using System.Buffers.Binary;

namespace Kybernet.Network.Dns.Messages;

/// <summary>Reads the answers of other servers, which may send anything: what is no answer to the question is none.</summary>
internal static class MessageReader
{
    private const int FixedPart = 10;

    /// <summary>Reads an answer.</summary>
    /// <param name="message">What came.</param>
    /// <param name="id">The question's number.</param>
    /// <param name="name">The name that was asked for, in lower case.</param>
    /// <param name="type">The type that was asked for.</param>
    /// <param name="resolution">What it says.</param>
    /// <param name="isTruncated">Whether there is more to be had over TCP.</param>
    /// <returns>Whether it is an answer to that question.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> message, ushort id, ReadOnlySpan<byte> name, RecordType type, out Resolution resolution, out bool isTruncated)
    {
        resolution = Resolution.ServerFailure;
        isTruncated = false;
        if (message.Length < HeaderFlags.Size || BinaryPrimitives.ReadUInt16BigEndian(message) != id)
        {
            return false;
        }
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        isTruncated = (flags & HeaderFlags.Truncated) != 0;
        Span<byte> asked = stackalloc byte[WireName.MaxLength];
        var offset = HeaderFlags.Size;
        if ((flags & HeaderFlags.Response) == 0 || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1
            || !WireName.TryRead(message, ref offset, asked, out var length) || offset + 4 > message.Length)
        {
            return false;
        }
        WireName.ToLower(asked[..length]);
        if (!name.SequenceEqual(asked[..length]) || (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[offset..]) != type)
        {
            return false;
        }
        offset += 4;
        if (!TryReadSection(message, ref offset, BinaryPrimitives.ReadUInt16BigEndian(message[6..]), out var answers)
            || !TryReadSection(message, ref offset, BinaryPrimitives.ReadUInt16BigEndian(message[8..]), out var authorities)
            || !TryReadSection(message, ref offset, BinaryPrimitives.ReadUInt16BigEndian(message[10..]), out var additionals))
        {
            return false;
        }
        resolution = new Resolution((ResponseCode)(flags & HeaderFlags.CodeMask))
        {
            Answers = answers,
            Authorities = authorities,
            Additionals = additionals,
        };
        return true;
    }

    private static bool TryReadSection(ReadOnlySpan<byte> message, ref int offset, int count, out List<ResourceRecord> records)
    {
        records = [];
        Span<byte> owner = stackalloc byte[WireName.MaxLength];
        for (var i = 0; i < count; i++)
        {
            if (!WireName.TryRead(message, ref offset, owner, out var length) || offset + FixedPart > message.Length)
            {
                return false;
            }
            WireName.ToLower(owner[..length]);
            var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(message[(offset + 4)..]);
            var size = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 8)..]);
            offset += FixedPart;
            if (offset + size > message.Length || !TryReadData(message, offset, size, type, out var data))
            {
                return false;
            }
            offset += size;
            if (type != RecordType.Opt) // it speaks of the message, not of the name
            {
                records.Add(new ResourceRecord(owner[..length].ToArray(), type, ttl, data));
            }
        }
        return true;
    }

    /// <summary>A record's data, with the names that may be compressed written out: they would not survive a move.</summary>
    private static bool TryReadData(ReadOnlySpan<byte> message, int offset, int size, RecordType type, out byte[] data)
    {
        var end = offset + size;
        var (before, names) = type switch
        {
            RecordType.Ns or RecordType.Cname or RecordType.Ptr => (0, 1),
            RecordType.Soa => (0, 2),
            RecordType.Mx => (2, 1),
            RecordType.Srv => (6, 1),
            _ => (size, 0),
        };
        var after = type == RecordType.Soa ? 20 : 0;
        data = [];
        if (before > size)
        {
            return false;
        }
        var bytes = new List<byte>(size);
        bytes.AddRange(message.Slice(offset, before));
        offset += before;
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        for (var i = 0; i < names; i++)
        {
            if (!WireName.TryRead(message, ref offset, name, out var length) || offset > end)
            {
                return false;
            }
            bytes.AddRange(name[..length]);
        }
        if (end - offset != after)
        {
            return false;
        }
        bytes.AddRange(message[offset..end]);
        data = [.. bytes];
        return true;
    }
}
