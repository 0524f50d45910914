using System.Buffers.Binary;

namespace Kybernet.Network.Dns.Messages;

/// <summary>Writes answers into the buffer that they are sent from, no longer than the client takes.</summary>
internal static class ResponseWriter
{
    private const int OptSize = 11;

    /// <summary>The longest message that there is, over TCP.</summary>
    public const int MaxMessage = ushort.MaxValue;

    /// <summary>Writes an answer that has no records.</summary>
    public static int WriteCode(in Query query, ResponseCode code, bool isAuthoritative, Span<byte> response)
    {
        var length = WriteHeader(query, code, isAuthoritative, response);
        return WriteEdns(query, code, response, length);
    }

    /// <summary>Writes an answer.</summary>
    /// <param name="query">The question.</param>
    /// <param name="answer">Its answer.</param>
    /// <param name="age">How many seconds ago the answer was made, which are taken from its times to live.</param>
    /// <param name="rotation">Which of several addresses comes first: a number that differs from answer to answer.</param>
    /// <param name="limit">How long the message may be.</param>
    /// <param name="response">Takes the message.</param>
    /// <returns>The message's length. Where answers had to be left out it says so, and the client asks again over TCP.</returns>
    public static int Write(in Query query, EncodedAnswer answer, uint age, uint rotation, int limit, Span<byte> response)
    {
        var length = WriteHeader(query, answer.Code, answer.IsAuthoritative, response);
        var room = Math.Min(limit, response.Length) - length - (query.HasEdns ? OptSize : 0);
        var count = answer.Ends.Length;
        while (count > 0 && answer.Ends[count - 1] > room)
        {
            count--;
        }
        var size = count == 0 ? 0 : answer.Ends[count - 1];
        CopyRecords(answer, rotation, response.Slice(length, size));
        if (age > 0)
        {
            Age(response.Slice(length, size), answer.TtlOffsets.AsSpan(0, count), age);
        }
        WriteCounts(answer, count, response);
        return WriteEdns(query, answer.Code, response, length + size);
    }

    private static int WriteHeader(in Query query, ResponseCode code, bool isAuthoritative, Span<byte> response)
    {
        var flags = HeaderFlags.Response | HeaderFlags.RecursionAvailable | (query.Flags & (HeaderFlags.RecursionDesired | HeaderFlags.OpcodeMask | HeaderFlags.CheckingDisabled))
            | (isAuthoritative ? HeaderFlags.Authoritative : 0) | ((int)code & HeaderFlags.CodeMask);
        BinaryPrimitives.WriteUInt16BigEndian(response, query.Id);
        BinaryPrimitives.WriteUInt16BigEndian(response[2..], (ushort)flags);
        response[4..HeaderFlags.Size].Clear();
        if (query.Question.Length > 0)
        {
            response[5] = 1;
            query.Question.CopyTo(response[HeaderFlags.Size..]);
        }
        return HeaderFlags.Size + query.Question.Length;
    }

    private static void CopyRecords(EncodedAnswer answer, uint rotation, Span<byte> destination)
    {
        var first = answer.RotatableSize == 0 ? 0 : (int)(rotation % (uint)answer.Ends.Length) * answer.RotatableSize;
        var head = Math.Min(answer.Records.Length - first, destination.Length);
        answer.Records.AsSpan(first, head).CopyTo(destination);
        answer.Records.AsSpan(0, destination.Length - head).CopyTo(destination[head..]);
    }

    private static void Age(Span<byte> records, ReadOnlySpan<int> ttlOffsets, uint age)
    {
        foreach (var offset in ttlOffsets)
        {
            var ttl = records.Slice(offset, sizeof(uint));
            var left = BinaryPrimitives.ReadUInt32BigEndian(ttl);
            BinaryPrimitives.WriteUInt32BigEndian(ttl, left > age ? left - age : 0);
        }
    }

    private static void WriteCounts(EncodedAnswer answer, int count, Span<byte> response)
    {
        var answers = Math.Min(count, answer.Answers);
        var authorities = Math.Min(count - answers, answer.Authorities);
        BinaryPrimitives.WriteUInt16BigEndian(response[6..], (ushort)answers);
        BinaryPrimitives.WriteUInt16BigEndian(response[8..], (ushort)authorities);
        BinaryPrimitives.WriteUInt16BigEndian(response[10..], (ushort)(count - answers - authorities));
        // Records that only spare a further question are left out without a word.
        if (answers < answer.Answers || authorities < answer.Authorities)
        {
            response[2] |= HeaderFlags.Truncated >> 8;
        }
    }

    private static int WriteEdns(in Query query, ResponseCode code, Span<byte> response, int length)
    {
        if (!query.HasEdns)
        {
            return length;
        }
        var opt = response.Slice(length, OptSize);
        opt.Clear();
        opt[2] = (byte)RecordType.Opt;
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], Payload.Max);
        opt[5] = (byte)((int)code >> 4);
        opt[7] = (byte)(query.WantsDnssec ? 0x80 : 0);
        response[11]++;
        if (response[11] == 0)
        {
            response[10]++; // 255 additional records and this one
        }
        return length + OptSize;
    }
}
