using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Zones;

/// <summary>What one owner has to say of a name; no records where the name is only to exist.</summary>
/// <param name="Name">The name.</param>
/// <param name="Records">The records.</param>
internal sealed record ZoneEntry(byte[] Name, IReadOnlyList<ResourceRecord> Records);

/// <summary>
/// A name that exists, with the records of all its owners. It never changes: a change replaces it, and with it the answers that were made from it.
/// </summary>
internal sealed class ZoneNode(byte[] name, IReadOnlyList<(string Owner, ZoneEntry Entry)> parts)
{
    private readonly ResourceRecord[] _records = [.. parts.SelectMany(static part => part.Entry.Records)];
    private volatile EncodedAnswer? _a;
    private volatile EncodedAnswer? _aaaa;
    private volatile OtherAnswer? _other;

    public byte[] Name => name;

    public IReadOnlyList<(string Owner, ZoneEntry Entry)> Parts => parts;

    public IReadOnlyList<ResourceRecord> Records => _records;

    /// <summary>The name's other name, for ExternalName Services; null where it has none.</summary>
    public ResourceRecord? Alias { get; } =
        parts.SelectMany(static part => part.Entry.Records).FirstOrDefault(static record => record.Type == RecordType.Cname);

    /// <summary>The answer to a question for a type, made when it is first asked for; null where there are no such records.</summary>
    public EncodedAnswer? Answer(RecordType type, ClusterZone zone) => type switch
    {
        RecordType.A => _a ??= Encode(type, zone),
        RecordType.Aaaa => _aaaa ??= Encode(type, zone),
        _ => Other(type, zone),
    } is { Answers: > 0 } answer ? answer : null;

    public IReadOnlyList<ResourceRecord> OfType(RecordType type) => Array.FindAll(_records, record => record.Type == type);

    /// <summary>A name has hardly ever more than one other type (SRV, PTR, TXT): the first that is asked for is kept.</summary>
    private EncodedAnswer Other(RecordType type, ClusterZone zone)
    {
        if (_other is { } known && known.Type == type)
        {
            return known.Answer;
        }
        var answer = Encode(type, zone);
        if (_other is null && answer.Answers > 0)
        {
            _other = new OtherAnswer(type, answer);
        }
        return answer;
    }

    private EncodedAnswer Encode(RecordType type, ClusterZone zone)
    {
        var answers = OfType(type);
        return AnswerEncoder.Encode(
            name, new Resolution(ResponseCode.NoError) { IsAuthoritative = true, Answers = answers, Additionals = zone.AddressesOfTargets(answers) });
    }

    private sealed record OtherAnswer(RecordType Type, EncodedAnswer Answer);
}
