using System.Net;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Tests.Dns;

/// <summary>Names that are not the cluster's: other servers, the cache, stub domains, and search paths that end there.</summary>
public sealed class ForwardTests
{
    private static readonly IPAddress PodAddress = IPAddress.Parse("127.0.0.5");

    [Fact]
    public async Task Other_names_are_asked_for_once_and_then_known_until_they_are_too_old()
    {
        await using var upstream = new FakeUpstream { Answer = static (name, _) => FakeUpstream.Address(name, "192.0.2.7") };
        await using var dns = await StartAsync(upstream);

        Assert.Equal(["192.0.2.7"], await dns.AddressesAsync("www.example.com"));
        var again = Assert.Single((await dns.AskAsync("www.example.com", RecordType.A)).Answers);

        Assert.Equal("192.0.2.7", new IPAddress(again.Data).ToString());
        Assert.InRange(again.Ttl, 1u, 30u); // however long the other server would let it be kept
        Assert.Equal(["www.example.com. A"], upstream.Asked.Where(static question => question.Contains("example", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task That_there_is_no_such_name_is_kept_as_well()
    {
        var soa = ResourceRecord.Soa(WireName.Parse("example.com"), 60, WireName.Parse("ns.example.com"), WireName.Parse("root.example.com"), 1);
        await using var upstream = new FakeUpstream { Answer = (_, _) => new Resolution(ResponseCode.NameError) { Authorities = [soa] } };
        await using var dns = await StartAsync(upstream);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(ResponseCode.NameError, (await dns.AskAsync("no.example.com", RecordType.A)).Code);
        }
        Assert.Single(upstream.Asked, static question => question == "no.example.com. A");
    }

    [Fact]
    public async Task What_has_no_room_in_a_datagram_is_fetched_over_TCP()
    {
        await using var upstream = new FakeUpstream
        {
            Answer = static (name, _) => new Resolution(ResponseCode.NoError)
            {
                Answers = [.. Enumerable.Range(0, 200).Select(i => ResourceRecord.Address(WireName.Parse(name), 60, new IPAddress([192, 0, 2, (byte)i])))],
            },
        };
        await using var dns = await StartAsync(upstream);

        Assert.Contains("ANSWER: 200", await dns.DigAsync("many.example.com", "A"), StringComparison.Ordinal);
        Assert.Contains("many.example.com. A tcp", upstream.Asked);
    }

    [Fact]
    public async Task A_server_that_is_silent_is_passed_over()
    {
        await using var silent = new FakeUpstream { Answer = static (_, _) => null };
        await using var upstream = new FakeUpstream { Answer = static (name, _) => FakeUpstream.Address(name, "192.0.2.7", ttl: 0) };
        await using var dns = await StartAsync(silent, upstream);

        // Whichever is asked first, and however often: each question is answered, and after a few the silent one is left alone.
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(["192.0.2.7"], await dns.AddressesAsync($"host{i}.example.com"));
        }
    }

    [Fact]
    public async Task Nobody_to_ask_is_a_server_failure()
    {
        await using var dns = await StartAsync();

        Assert.Equal(ResponseCode.ServerFailure, (await dns.AskAsync("www.example.com", RecordType.A)).Code);
    }

    [Fact]
    public async Task A_stub_domain_has_servers_of_its_own_which_can_be_changed_at_any_time()
    {
        await using var world = new FakeUpstream { Answer = static (name, _) => FakeUpstream.Address(name, "192.0.2.1") };
        await using var acme = new FakeUpstream { Answer = static (name, _) => FakeUpstream.Address(name, "192.0.2.2") };
        await using var dns = await StartAsync(world);
        Assert.Equal(["192.0.2.1"], await dns.AddressesAsync("host.acme.local"));

        await dns.CreateAsync(new ConfigMap
        {
            Metadata = new ObjectMeta { Name = "kube-dns", Namespace = "kube-system" },
            Data = new Dictionary<string, string> { ["stubDomains"] = $$"""{"acme.local": ["{{acme.EndPoint}}"]}""" },
        });

        var begin = TimeProvider.System.GetTimestamp();
        while ((await dns.AddressesAsync("host.acme.local"))[0] != "192.0.2.2" && TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(10))
        {
        }
        Assert.Equal(["192.0.2.2"], await dns.AddressesAsync("host.acme.local"));
        Assert.Equal(["192.0.2.1"], await dns.AddressesAsync("host.notacme.local"));
    }

    [Fact]
    public async Task A_pods_search_path_is_walked_for_it_in_one_round_trip()
    {
        await using var upstream = new FakeUpstream
        {
            Answer = static (name, _) => name == "www.example.com." ? FakeUpstream.Address(name, "192.0.2.7") : new Resolution(ResponseCode.NameError),
        };
        await using var dns = await StartAsync(upstream);
        await dns.CreateAsync(Objects.Pod("one", "default", PodAddress.ToString()));

        Resolution found;
        do // the pod has to become known
        {
            found = await dns.AskFromAsync(PodAddress, "www.example.com.default.svc.cluster.local", RecordType.A);
        }
        while (found.Code == ResponseCode.NameError);

        Assert.Equal(["www.example.com.default.svc.cluster.local. Cname", "www.example.com. A"], found.Answers.Select(static record => $"{WireName.ToText(record.Owner)} {record.Type}"));
        Assert.Equal("www.example.com.", WireName.ToText(found.Answers[0].Target));
        // Somebody who is no pod did not mean a search path.
        Assert.Equal(ResponseCode.NameError, (await dns.AskAsync("www.example.com.default.svc.cluster.local", RecordType.A)).Code);
    }

    [Fact]
    public async Task A_search_path_may_end_at_a_Service_of_another_namespace()
    {
        await using var dns = new DnsFixture();
        await dns.CreateAsync(Objects.Service("web", "10.96.1.2"));
        await dns.CreateAsync(Objects.Pod("one", "other", PodAddress.ToString()));
        await dns.StartAsync();

        var found = await dns.AskFromAsync(PodAddress, "web.default.other.svc.cluster.local", RecordType.A);

        Assert.Equal("web.default.svc.cluster.local.", WireName.ToText(found.Answers[0].Target));
        Assert.Equal("10.96.1.2", new IPAddress(found.Answers[1].Data).ToString());
        Assert.Equal(ResponseCode.NameError, (await dns.AskFromAsync(PodAddress, "nosuch.other.svc.cluster.local", RecordType.A)).Code);
    }

    [Fact]
    public async Task An_ExternalName_is_followed_to_its_address()
    {
        await using var upstream = new FakeUpstream { Answer = static (name, _) => FakeUpstream.Address(name, "192.0.2.7") };
        await using var dns = await StartAsync(upstream);
        await dns.CreateAsync(Objects.ExternalName("away", "www.example.com"));

        string[] addresses;
        do
        {
            addresses = await dns.AddressesAsync("away.default.svc.cluster.local");
        }
        while (addresses.Length == 0);
        Assert.Equal(["192.0.2.7"], addresses);
    }

    [Fact]
    public async Task A_server_that_asks_us_in_turn_is_asked_no_longer()
    {
        await using var upstream = new FakeUpstream();
        await using var dns = await StartAsync(upstream);
        // It does what a stub resolver does whose only server is this one.
        upstream.Answer = (name, type) => dns.AskAsync(name, type).GetAwaiter().GetResult();
        await File.WriteAllTextAsync(dns.ResolvConf, $"nameserver {upstream.EndPoint}\n# again\n", DnsFixture.Token);
        await Kybernet.Client.Tests.Eventually.TrueAsync(() => upstream.Asked.Any(static question => question.EndsWith("Hinfo", StringComparison.Ordinal)), "no probe");

        await Kybernet.Client.Tests.Eventually.TrueAsync(IsLeftAlone, "it is still asked");

        bool IsLeftAlone()
        {
            var name = $"x{Guid.NewGuid():N}.example.com";
            var code = dns.AskAsync(name, RecordType.A).GetAwaiter().GetResult().Code;
            return code == ResponseCode.ServerFailure && !upstream.Asked.Contains($"{name}. A");
        }
    }

    private static async Task<DnsFixture> StartAsync(params FakeUpstream[] upstreams)
    {
        var dns = new DnsFixture { HostConfiguration = string.Concat(upstreams.Select(static upstream => $"nameserver {upstream.EndPoint}\n")) };
        await dns.StartAsync();
        return dns;
    }
}
