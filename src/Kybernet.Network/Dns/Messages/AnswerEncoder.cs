using System.Buffers.Binary;

namespace Kybernet.Network.Dns.Messages;

/// <summary>Turns records into the bytes that follow a question, names compressed.</summary>
internal sealed class AnswerEncoder
{
    /// <summary>A pointer has fourteen bits: what lies farther off cannot be pointed to.</summary>
    private const int MaxPointer = 0x3FFF;

    private const int TypeAndClass = 4;

    private readonly Dictionary<byte[], int> _offsets = new(WireNameComparer.Instance);
    private readonly List<byte> _bytes = [];
    private readonly List<int> _ends = [];
    private readonly List<int> _ttls = [];
    private readonly int _start;

    private AnswerEncoder(ReadOnlySpan<byte> name)
    {
        _start = HeaderFlags.Size + name.Length + TypeAndClass;
        Remember(name, HeaderFlags.Size);
    }

    /// <summary>Encodes an answer to a question for a name.</summary>
    public static EncodedAnswer Encode(ReadOnlySpan<byte> name, Resolution resolution)
    {
        var encoder = new AnswerEncoder(name);
        encoder.Add(resolution.Answers);
        encoder.Add(resolution.Authorities);
        encoder.Add(resolution.Additionals);
        return new EncodedAnswer(
            resolution.Code, resolution.IsAuthoritative, [.. encoder._bytes], [.. encoder._ends], resolution.Answers.Count, resolution.Authorities.Count)
        {
            TtlOffsets = [.. encoder._ttls],
            RotatableSize = RotatableSize(name, resolution, encoder),
        };
    }

    private static int RotatableSize(ReadOnlySpan<byte> name, Resolution resolution, AnswerEncoder encoder)
    {
        if (resolution.Answers.Count < 2 || encoder._ends.Count != resolution.Answers.Count)
        {
            return 0;
        }
        foreach (var record in resolution.Answers)
        {
            if (record.Type is not (RecordType.A or RecordType.Aaaa) || record.Type != resolution.Answers[0].Type || !name.SequenceEqual(record.Owner))
            {
                return 0;
            }
        }
        return encoder._ends[0];
    }

    private void Add(IReadOnlyList<ResourceRecord> records)
    {
        foreach (var record in records)
        {
            WriteName(record.Owner);
            WriteUInt16((ushort)record.Type);
            WriteUInt16(1);
            _ttls.Add(_bytes.Count);
            WriteUInt16((ushort)(record.Ttl >> 16));
            WriteUInt16((ushort)record.Ttl);
            var lengthAt = _bytes.Count;
            WriteUInt16(0);
            // Only the oldest types may have compressed names: readers know no other types' insides.
            if (record.Type is RecordType.Cname or RecordType.Ptr or RecordType.Ns)
            {
                WriteName(record.Data);
            }
            else
            {
                _bytes.AddRange(record.Data);
            }
            var length = _bytes.Count - lengthAt - 2;
            _bytes[lengthAt] = (byte)(length >> 8);
            _bytes[lengthAt + 1] = (byte)length;
            _ends.Add(_bytes.Count);
        }
    }

    private void WriteName(ReadOnlySpan<byte> name)
    {
        var begin = _start + _bytes.Count;
        var known = _offsets.GetAlternateLookup<ReadOnlySpan<byte>>();
        var rest = name;
        while (rest[0] != 0)
        {
            if (known.TryGetValue(rest, out var offset))
            {
                WriteUInt16((ushort)(0xC000 | offset));
                Remember(name, begin);
                return;
            }
            _bytes.AddRange(rest[..(rest[0] + 1)]);
            rest = WireName.Parent(rest);
        }
        _bytes.Add(0);
        Remember(name, begin);
    }

    private void Remember(ReadOnlySpan<byte> name, int offset)
    {
        for (; name[0] != 0 && offset <= MaxPointer; offset += name[0] + 1, name = WireName.Parent(name))
        {
            if (!_offsets.TryAdd(name.ToArray(), offset))
            {
                return; // whatever lies above it is known as well
            }
        }
    }

    private void WriteUInt16(ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        _bytes.AddRange(bytes);
    }
}
