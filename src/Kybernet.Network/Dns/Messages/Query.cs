using System.Buffers.Binary;

namespace Kybernet.Network.Dns.Messages;

/// <summary>What a client asks, read without allocating.</summary>
internal readonly ref struct Query
{
    private const ushort ClassIn = 1;

    private Query(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question, ReadOnlySpan<byte> name)
    {
        Id = BinaryPrimitives.ReadUInt16BigEndian(message);
        Flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        Question = question;
        Name = name;
        Type = question.Length < 4 ? 0 : (RecordType)BinaryPrimitives.ReadUInt16BigEndian(question[^4..]);
    }

    public ushort Id { get; }

    public ushort Flags { get; }

    /// <summary>The question as it was asked, to be sent back letter for letter; empty where it could not be read.</summary>
    public ReadOnlySpan<byte> Question { get; }

    /// <summary>The name that is asked for, in lower case.</summary>
    public ReadOnlySpan<byte> Name { get; }

    public RecordType Type { get; }

    /// <summary>How the message is to be answered before anything is looked up; <see cref="ResponseCode.NoError"/> to go on.</summary>
    public ResponseCode Fault { get; private init; }

    /// <summary>Whether the client speaks EDNS, and so gets an OPT record back.</summary>
    public bool HasEdns { get; private init; }

    /// <summary>Whether the client wants signatures.</summary>
    public bool WantsDnssec { get; private init; }

    /// <summary>How large a datagram the client takes.</summary>
    public int PayloadSize { get; private init; }

    /// <summary>Reads a message.</summary>
    /// <param name="message">What came.</param>
    /// <param name="nameBuffer">Takes the name: <see cref="WireName.MaxLength"/> bytes.</param>
    /// <param name="query">What it asks.</param>
    /// <returns>Whether it is to be answered at all: an answer, or a piece of one, is not.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, Span<byte> nameBuffer, out Query query)
    {
        query = default;
        if (message.Length < HeaderFlags.Size || (message[2] & (HeaderFlags.Response >> 8)) != 0)
        {
            return false;
        }
        var bare = new Query(message, default, default) { PayloadSize = Payload.Min };
        if ((bare.Flags & HeaderFlags.OpcodeMask) != 0)
        {
            query = bare with { Fault = ResponseCode.NotImplemented };
            return true;
        }
        var offset = HeaderFlags.Size;
        if (BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1 || !TryReadQuestion(message, ref offset, nameBuffer, out var length))
        {
            query = bare with { Fault = ResponseCode.FormatError };
            return true;
        }
        var question = message[HeaderFlags.Size..offset];
        query = new Query(message, question, nameBuffer[..length]) { PayloadSize = Payload.Min };
        if (BinaryPrimitives.ReadUInt16BigEndian(question[^2..]) != ClassIn || query.Type is RecordType.Axfr or RecordType.Ixfr)
        {
            query = query with { Fault = ResponseCode.Refused };
        }
        query = WithEdns(query, message, offset);
        return true;
    }

    private static bool TryReadQuestion(ReadOnlySpan<byte> message, ref int offset, Span<byte> nameBuffer, out int length)
    {
        // A question has nothing before it that a pointer could lead to: it is read as it stands, and echoed as it stands.
        if (!WireName.TryRead(message, ref offset, nameBuffer, out length) || offset - HeaderFlags.Size != length || offset + 4 > message.Length)
        {
            return false;
        }
        WireName.ToLower(nameBuffer[..length]);
        offset += 4;
        return true;
    }

    private static Query WithEdns(Query query, ReadOnlySpan<byte> message, int offset)
    {
        Span<byte> owner = stackalloc byte[WireName.MaxLength];
        var records = BinaryPrimitives.ReadUInt16BigEndian(message[6..]) + BinaryPrimitives.ReadUInt16BigEndian(message[8..])
            + BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        for (var i = 0; i < records; i++)
        {
            if (!WireName.TryRead(message, ref offset, owner, out var length) || offset + 10 > message.Length)
            {
                return query with { Fault = ResponseCode.FormatError };
            }
            var fixedPart = message.Slice(offset, 10);
            offset += 10 + BinaryPrimitives.ReadUInt16BigEndian(fixedPart[8..]);
            if (offset > message.Length)
            {
                return query with { Fault = ResponseCode.FormatError };
            }
            if ((RecordType)BinaryPrimitives.ReadUInt16BigEndian(fixedPart) != RecordType.Opt)
            {
                continue;
            }
            if (query.HasEdns || length != 1)
            {
                return query with { Fault = ResponseCode.FormatError };
            }
            query = query with
            {
                HasEdns = true,
                PayloadSize = Math.Clamp((int)BinaryPrimitives.ReadUInt16BigEndian(fixedPart[2..]), Payload.Min, Payload.Max),
                WantsDnssec = (fixedPart[6] & 0x80) != 0,
                Fault = fixedPart[5] == 0 ? query.Fault : ResponseCode.BadVersion,
            };
        }
        return query;
    }
}
