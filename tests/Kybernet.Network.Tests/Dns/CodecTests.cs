using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Tests.Dns;

/// <summary>Messages as bytes: what is written can be read, and whatever else comes is not believed.</summary>
public sealed class CodecTests
{
    private static readonly byte[] Name = WireName.Parse("web.default.svc.cluster.local");

    private static readonly Resolution Sample = new(ResponseCode.NoError)
    {
        Answers =
        [
            ResourceRecord.Name(Name, RecordType.Cname, 5, WireName.Parse("other.default.svc.cluster.local")),
            ResourceRecord.Address(WireName.Parse("other.default.svc.cluster.local"), 5, IPAddress.Parse("10.96.1.2")),
            ResourceRecord.Srv(WireName.Parse("_http._tcp.cluster.local"), 5, 80, WireName.Parse("web.example.com")),
            ResourceRecord.Txt(WireName.Parse("example.com"), 5, "hello"),
        ],
        Authorities = [ResourceRecord.Soa(WireName.Parse("cluster.local"), 5, WireName.Parse("ns.cluster.local"), WireName.Parse("root.cluster.local"), 7)],
        Additionals = [ResourceRecord.Address(WireName.Parse("web.example.com"), 5, IPAddress.Parse("fd00::1"))],
    };

    [Fact]
    public void What_is_written_can_be_read()
    {
        Assert.True(MessageReader.TryRead(Message(), 7, Name, RecordType.A, out var read, out var isTruncated));

        Assert.False(isTruncated);
        Assert.Equal(Describe(Sample), Describe(read));
    }

    [Fact]
    public void Names_that_were_written_before_are_pointed_to()
    {
        var plain = Sample.Answers.Concat(Sample.Authorities).Concat(Sample.Additionals).Sum(static record => record.Owner.Length + 10 + record.Data.Length);

        Assert.True(AnswerEncoder.Encode(Name, Sample).Records.Length < plain - 80);
    }

    [Fact]
    public void An_answer_to_another_question_is_none()
    {
        var message = Message();

        Assert.False(MessageReader.TryRead(message, 8, Name, RecordType.A, out _, out _));
        Assert.False(MessageReader.TryRead(message, 7, Name, RecordType.Aaaa, out _, out _));
        Assert.False(MessageReader.TryRead(message, 7, WireName.Parse("web.default.svc.cluster.loca1"), RecordType.A, out _, out _));
    }

    [Fact]
    public void Pointers_that_lead_nowhere_or_in_circles_are_no_names()
    {
        foreach (var bytes in (byte[][])[[0xC0, 0x00], [0xC0], [0xC0, 0xFF], [1, (byte)'a', 0xC0, 0x00], [0x80, 0], [63, 1], []])
        {
            var offset = 0;
            Assert.False(WireName.TryRead(bytes, ref offset, new byte[WireName.MaxLength], out _));
        }
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("")]
    public void A_name_with_an_empty_label_is_none(string text) => Assert.False(WireName.TryParse(text, out _));

    [Fact]
    public void A_name_that_is_too_long_is_none()
    {
        Assert.False(WireName.TryParse(new string('a', 64), out _));
        Assert.False(WireName.TryParse(string.Join('.', Enumerable.Repeat("aaaaaaaaa", 26)), out _));
    }

    [Fact]
    public void A_suffix_of_bytes_that_is_none_of_labels_is_not_within()
    {
        Assert.True(WireName.IsWithin(WireName.Parse("x.local"), WireName.Parse("local")));
        Assert.True(WireName.IsWithin(WireName.Parse("local"), WireName.Parse("local")));
        byte[] odd = [7, (byte)'x', 5, .. "local"u8, 0]; // one label that ends as the zone does
        Assert.False(WireName.IsWithin(odd, WireName.Parse("local")));
    }

    [Fact]
    public void No_bytes_whatever_make_the_readers_throw() =>
        Check.QuickThrowOnFailure(Prop.ForAll<byte[]>(static bytes => Read(bytes)));

    [Fact]
    public void No_damage_to_a_message_makes_the_readers_throw()
    {
        var message = Message();
        var damage = ArbMap.Default.ArbFor<(int Offset, byte Value)[]>();
        Check.QuickThrowOnFailure(Prop.ForAll(damage, changes =>
        {
            var damaged = (byte[])message.Clone();
            foreach (var (offset, value) in changes)
            {
                damaged[Math.Abs(offset % damaged.Length)] = value;
            }
            Read(damaged);
        }));
        for (var length = 0; length < message.Length; length++)
        {
            Read(message[..length]);
        }
    }

    [Fact]
    public void Any_question_that_can_be_read_can_be_answered_within_its_bounds() =>
        Check.QuickThrowOnFailure(Prop.ForAll<byte[], ushort>(static (tail, flags) =>
        {
            var message = QueryWriter.Write(7, Name, RecordType.A, wantsDnssec: false);
            (message[2], message[3]) = ((byte)((flags >> 8) & 0x7F), (byte)flags);
            byte[] longer = [.. message, .. tail];
            Assert.True(Query.TryParse(longer, stackalloc byte[WireName.MaxLength], out var query));
            var response = new byte[query.PayloadSize];
            Assert.InRange(ResponseWriter.WriteCode(query, ResponseCode.Refused, isAuthoritative: false, response), HeaderFlags.Size, query.PayloadSize);
        }));

    private static void Read(byte[] bytes)
    {
        Query.TryParse(bytes, stackalloc byte[WireName.MaxLength], out _);
        MessageReader.TryRead(bytes, 7, Name, RecordType.A, out _, out _);
    }

    private static byte[] Message()
    {
        Query.TryParse(QueryWriter.Write(7, Name, RecordType.A, wantsDnssec: false), stackalloc byte[WireName.MaxLength], out var query);
        var response = new byte[1232];
        return response[..ResponseWriter.Write(query, AnswerEncoder.Encode(Name, Sample), age: 0, rotation: 0, response.Length, response)];
    }

    private static IEnumerable<string> Describe(Resolution resolution) =>
        resolution.Answers.Concat(resolution.Authorities).Concat(resolution.Additionals)
            .Select(static record => $"{WireName.ToText(record.Owner)} {record.Type} {record.Ttl} {Convert.ToHexString(record.Data)}");
}
