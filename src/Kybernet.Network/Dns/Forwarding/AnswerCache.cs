using System.Buffers.Binary;
using System.Collections.Concurrent;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Forwarding;

/// <summary>An answer of another server, and how old it is.</summary>
/// <param name="Resolution">The answer as records.</param>
/// <param name="Encoded">The answer as bytes.</param>
/// <param name="Stored">When it came.</param>
/// <param name="Ttl">For how many seconds it may be used.</param>
internal sealed record CachedAnswer(Resolution Resolution, EncodedAnswer Encoded, long Stored, uint Ttl);

/// <summary>
/// What other servers answered, negative answers too, for as long as they allow and no longer than the settings do.
/// </summary>
internal sealed class AnswerCache(int capacity, TimeProvider time)
{
    private const uint FailureTtl = 5;

    private readonly ConcurrentDictionary<byte[], CachedAnswer> _answers = new(WireNameComparer.Instance);

    public int Count => _answers.Count;

    /// <summary>A kept answer; null where there is none or it is too old.</summary>
    public CachedAnswer? Find(ReadOnlySpan<byte> name, RecordType type, bool wantsDnssec, out uint age)
    {
        Span<byte> buffer = stackalloc byte[WireName.MaxLength + 3];
        age = 0;
        if (!_answers.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(Key(name, type, wantsDnssec, buffer), out var answer))
        {
            return null;
        }
        age = (uint)time.GetElapsedTime(answer.Stored).TotalSeconds;
        return age < answer.Ttl ? answer : null;
    }

    /// <summary>Keeps an answer, unless it says that it is not to be kept.</summary>
    /// <returns>The answer with its times to live cut down to the limit.</returns>
    public Resolution Keep(byte[] name, RecordType type, bool wantsDnssec, Resolution resolution, uint maxTtl)
    {
        var ttl = Math.Min(TtlOf(resolution), maxTtl);
        var limited = resolution with
        {
            Answers = Limit(resolution.Answers, maxTtl),
            Authorities = Limit(resolution.Authorities, maxTtl),
            Additionals = Limit(resolution.Additionals, maxTtl),
        };
        if (ttl > 0)
        {
            if (_answers.Count >= capacity)
            {
                MakeRoom();
            }
            var key = Key(name, type, wantsDnssec, stackalloc byte[WireName.MaxLength + 3]).ToArray();
            _answers[key] = new CachedAnswer(limited, AnswerEncoder.Encode(name, limited), time.GetTimestamp(), ttl);
        }
        return limited;
    }

    /// <summary>Forgets everything: other servers may answer otherwise.</summary>
    public void Clear() => _answers.Clear();

    private static ReadOnlySpan<byte> Key(ReadOnlySpan<byte> name, RecordType type, bool wantsDnssec, Span<byte> buffer)
    {
        name.CopyTo(buffer);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[name.Length..], (ushort)type);
        buffer[name.Length + 2] = (byte)(wantsDnssec ? 1 : 0);
        return buffer[..(name.Length + 3)];
    }

    private static uint TtlOf(Resolution resolution)
    {
        if (resolution.Code is ResponseCode.NoError && resolution.Answers.Count > 0)
        {
            return resolution.Answers.Min(static record => record.Ttl);
        }
        if (resolution.Code is ResponseCode.NoError or ResponseCode.NameError)
        {
            return resolution.Authorities.FirstOrDefault(static record => record.Type == RecordType.Soa)?.NegativeTtl ?? 0;
        }
        return resolution.Code == ResponseCode.ServerFailure ? FailureTtl : 0;
    }

    private static ResourceRecord[] Limit(IReadOnlyList<ResourceRecord> records, uint maxTtl) =>
        [.. records.Select(record => record.Ttl > maxTtl ? record with { Ttl = maxTtl } : record)];

    /// <summary>Drops what is too old, and a tenth of the rest, whichever comes first: to keep the order of use would cost every question.</summary>
    private void MakeRoom()
    {
        var toDrop = capacity / 10;
        foreach (var (key, answer) in _answers)
        {
            if (time.GetElapsedTime(answer.Stored).TotalSeconds >= answer.Ttl || toDrop-- > 0)
            {
                _answers.TryRemove(key, out _);
            }
        }
    }
}
