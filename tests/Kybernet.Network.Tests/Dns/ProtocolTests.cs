using System.Net;
using System.Net.Sockets;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Tests.Dns;

/// <summary>What clients see of the protocol itself, with <c>dig</c> where it matters that the client is not ours.</summary>
public sealed class ProtocolTests
{
    [Fact]
    public async Task A_name_comes_back_as_it_was_spelt()
    {
        await using var dns = await StartAsync();

        Assert.Matches(@"(?m)^wEb\.DefAult\.svc\.CLUSTER\.local\.\s+5\s+IN\s+A\s+10\.96\.1\.2$", await dns.DigAsync("wEb.DefAult.svc.CLUSTER.local"));
    }

    [Fact]
    public async Task Answers_are_authoritative_and_offer_recursion()
    {
        await using var dns = await StartAsync();

        Assert.Contains("flags: qr aa rd ra;", await dns.DigAsync("web.default.svc.cluster.local"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_addresses_for_a_datagram_are_cut_short_and_complete_over_TCP()
    {
        await using var dns = await StartAsync();

        var small = await dns.DigAsync("many.default.svc.cluster.local", "+noedns", "+ignore");
        Assert.Contains("flags: qr aa tc rd ra;", small, StringComparison.Ordinal);
        Assert.Contains("ANSWER: 29,", small, StringComparison.Ordinal); // as many as 512 bytes hold
        var large = await dns.DigAsync("many.default.svc.cluster.local", "+bufsize=4096", "+ignore");
        Assert.Contains("ANSWER: 73,", large, StringComparison.Ordinal); // as many as 1232 bytes hold
        Assert.Contains("ANSWER: 100,", await dns.DigAsync("many.default.svc.cluster.local"), StringComparison.Ordinal); // again, over TCP
    }

    [Fact]
    public async Task Many_addresses_take_turns_at_being_the_first()
    {
        await using var dns = await StartAsync();

        var first = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            first.Add(new IPAddress((await dns.AskAsync("few.default.svc.cluster.local", RecordType.A)).Answers[0].Data).ToString());
        }
        Assert.Equal(["10.244.2.0", "10.244.2.1", "10.244.2.2"], first.Order());
    }

    [Fact]
    public async Task EDNS_is_answered_with_EDNS_and_an_unknown_version_with_BADVERS()
    {
        await using var dns = await StartAsync();

        Assert.Contains("EDNS: version: 0, flags:; udp: 1232", await dns.DigAsync("web.default.svc.cluster.local"), StringComparison.Ordinal);
        Assert.DoesNotContain("EDNS:", await dns.DigAsync("web.default.svc.cluster.local", "+noedns"), StringComparison.Ordinal);
        Assert.Contains("status: BADVERS", await dns.DigAsync("web.default.svc.cluster.local", "+edns=1", "+noednsneg"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_served_is_refused()
    {
        await using var dns = await StartAsync();

        Assert.Contains("status: REFUSED", await dns.DigAsync("version.bind", "TXT", "CH"), StringComparison.Ordinal);
        Assert.Contains("status: NOTIMP", await dns.DigAsync("web.default.svc.cluster.local", "+opcode=STATUS"), StringComparison.Ordinal);
        Assert.Contains("Transfer failed", await dns.DigAsync("cluster.local", "AXFR"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_may_ask_several_questions()
    {
        await using var dns = await StartAsync();

        var output = await dns.DigAsync("+tcp", "+keepopen", "+short", "web.default.svc.cluster.local", "dns-version.cluster.local", "TXT");
        Assert.Contains("10.96.1.2", output, StringComparison.Ordinal);
        Assert.Contains("\"1.1.0\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nonsense_is_answered_with_FORMERR_or_not_at_all_and_the_server_goes_on()
    {
        await using var dns = await StartAsync();

        byte[] truncatedName = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63, (byte)'x'];
        var answer = await dns.ExchangeAsync(truncatedName, IPAddress.Loopback);
        Assert.Equal((int)ResponseCode.FormatError, answer[3] & 15);
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            await socket.SendToAsync(Array.Empty<byte>(), dns.Server, DnsFixture.Token);
            await socket.SendToAsync(new byte[] { 1, 2, 3 }, dns.Server, DnsFixture.Token);
            await socket.SendToAsync(new byte[65000], dns.Server, DnsFixture.Token);
        }
        Assert.Equal(["10.96.1.2"], await dns.AddressesAsync("web.default.svc.cluster.local"));
    }

    private static async Task<DnsFixture> StartAsync()
    {
        var dns = new DnsFixture();
        await dns.CreateAsync(Objects.Service("web", "10.96.1.2", Objects.Port("http", 80)));
        await dns.CreateAsync(Objects.Service("many", "None"));
        await dns.CreateAsync(Objects.Slice("many", "many", [.. Enumerable.Range(0, 100).Select(static i => Objects.Endpoint($"10.244.1.{i}"))]));
        await dns.CreateAsync(Objects.Service("few", "None"));
        await dns.CreateAsync(Objects.Slice("few", "few", [.. Enumerable.Range(0, 3).Select(static i => Objects.Endpoint($"10.244.2.{i}"))]));
        await dns.StartAsync();
        return dns;
    }
}
