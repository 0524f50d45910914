using System.Net;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Tests.Dns;

/// <summary>Every kind of record of the Kubernetes DNS specification, over real sockets.</summary>
public sealed class RecordTests
{
    [Fact]
    public async Task A_Service_has_an_address_a_record_for_each_named_port_and_a_name_for_its_address()
    {
        await using var dns = new DnsFixture();
        await dns.CreateAsync(Objects.Service("web", "10.96.1.2", Objects.Port("http", 80), Objects.Port("dns", 53, "UDP")));
        await dns.StartAsync();

        Assert.Equal(["10.96.1.2"], await dns.AddressesAsync("web.default.svc.cluster.local"));
        Assert.Equal(["0 100 80 web.default.svc.cluster.local."], await dns.TargetsAsync("_http._tcp.web.default.svc.cluster.local", RecordType.Srv));
        Assert.Equal(["0 100 53 web.default.svc.cluster.local."], await dns.TargetsAsync("_dns._udp.web.default.svc.cluster.local", RecordType.Srv));
        Assert.Equal(["web.default.svc.cluster.local."], await dns.TargetsAsync("2.1.96.10.in-addr.arpa", RecordType.Ptr));
    }

    [Fact]
    public async Task A_Service_of_two_families_has_an_address_of_each()
    {
        await using var dns = new DnsFixture();
        var service = Objects.Service("web", "10.96.1.2");
        await dns.CreateAsync(service with { Spec = service.Spec with { ClusterIPs = ["10.96.1.2", "fd00::12"] } });
        await dns.StartAsync();

        Assert.Equal(["10.96.1.2"], await dns.AddressesAsync("web.default.svc.cluster.local"));
        Assert.Equal(["fd00::12"], await dns.AddressesAsync("web.default.svc.cluster.local", RecordType.Aaaa));
        var reverse = "2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa";
        Assert.Equal(["web.default.svc.cluster.local."], await dns.TargetsAsync(reverse, RecordType.Ptr));
    }

    [Fact]
    public async Task A_headless_Service_has_the_addresses_of_its_ready_endpoints_and_each_endpoint_a_name()
    {
        await using var dns = new DnsFixture();
        await dns.CreateAsync(Objects.Service("db", "None"));
        await dns.CreateAsync(Objects.Slice("db-1", "db", Objects.Endpoint("10.244.0.5", "db-0"), Objects.Endpoint("10.244.0.6"), Objects.Endpoint("10.244.0.7", ready: false)));
        await dns.StartAsync();

        Assert.Equal(["10.244.0.5", "10.244.0.6"], await dns.AddressesAsync("db.default.svc.cluster.local"));
        Assert.Equal(["10.244.0.5"], await dns.AddressesAsync("db-0.db.default.svc.cluster.local"));
        Assert.Equal(["10.244.0.6"], await dns.AddressesAsync("10-244-0-6.db.default.svc.cluster.local"));
        Assert.Equal(["db-0.db.default.svc.cluster.local."], await dns.TargetsAsync("5.0.244.10.in-addr.arpa", RecordType.Ptr));
        Assert.Equal(
            ["0 50 8080 10-244-0-6.db.default.svc.cluster.local.", "0 50 8080 db-0.db.default.svc.cluster.local."],
            await dns.TargetsAsync("_http._tcp.db.default.svc.cluster.local", RecordType.Srv));
        Assert.Equal(ResponseCode.NameError, (await dns.AskAsync("10-244-0-7.db.default.svc.cluster.local", RecordType.A)).Code);
    }

    [Fact]
    public async Task The_addresses_of_SRV_targets_come_along()
    {
        await using var dns = new DnsFixture();
        await dns.CreateAsync(Objects.Service("web", "10.96.1.2", Objects.Port("http", 80)));
        await dns.StartAsync();

        var additional = Assert.Single((await dns.AskAsync("_http._tcp.web.default.svc.cluster.local", RecordType.Srv)).Additionals);
        Assert.Equal("web.default.svc.cluster.local.", WireName.ToText(additional.Owner));
        Assert.Equal("10.96.1.2", new IPAddress(additional.Data).ToString());
    }

    [Fact]
    public async Task Endpoints_that_are_not_ready_are_found_where_the_Service_publishes_them()
    {
        await using var dns = new DnsFixture();
        var service = Objects.Service("db", "None");
        await dns.CreateAsync(service with { Spec = service.Spec with { PublishNotReadyAddresses = true } });
        await dns.CreateAsync(Objects.Slice("db-1", "db", Objects.Endpoint("10.244.0.7", ready: false)));
        await dns.StartAsync();

        Assert.Equal(["10.244.0.7"], await dns.AddressesAsync("db.default.svc.cluster.local"));
    }

    [Fact]
    public async Task A_headless_Service_without_ready_endpoints_does_not_exist()
    {
        await using var dns = new DnsFixture();
        await dns.CreateNamespaceAsync("default");
        await dns.CreateAsync(Objects.Service("db", "None"));
        await dns.StartAsync();

        Assert.Equal(ResponseCode.NameError, (await dns.AskAsync("db.default.svc.cluster.local", RecordType.A)).Code);
    }

    [Fact]
    public async Task Answers_follow_Services_and_endpoints_that_come_change_and_go()
    {
        await using var dns = new DnsFixture();
        await dns.StartAsync();
        await dns.CreateAsync(Objects.Service("db", "None"));
        await dns.CreateAsync(Objects.Slice("db-1", "db", Objects.Endpoint("10.244.0.5")));
        await BecomesAsync("10.244.0.5");

        await dns.Api.Client.UpdateAsync(Objects.Slice("db-1", "db", Objects.Endpoint("10.244.0.6"), Objects.Endpoint("10.244.0.7")), DnsFixture.Token);
        await BecomesAsync("10.244.0.6", "10.244.0.7");

        await dns.Api.Client.DeleteAsync<Service>("default", "db", new DeleteOptions(), DnsFixture.Token);
        await BecomesAsync();
        Assert.Equal(ResponseCode.NameError, (await dns.AskAsync("10-244-0-6.db.default.svc.cluster.local", RecordType.A)).Code);

        async Task BecomesAsync(params string[] addresses)
        {
            string[] found;
            var begin = TimeProvider.System.GetTimestamp();
            do
            {
                found = await dns.AddressesAsync("db.default.svc.cluster.local");
            }
            while (!found.SequenceEqual(addresses) && TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(10));
            Assert.Equal(addresses, found);
        }
    }

    [Fact]
    public async Task An_ExternalName_is_another_name_and_leads_on_inside_the_cluster()
    {
        await using var dns = new DnsFixture();
        await dns.CreateAsync(Objects.Service("web", "10.96.1.2"));
        await dns.CreateAsync(Objects.ExternalName("alias", "web.default.svc.cluster.local"));
        await dns.CreateAsync(Objects.ExternalName("away", "example.com"));
        await dns.StartAsync();

        Assert.Equal(["example.com."], await dns.TargetsAsync("away.default.svc.cluster.local", RecordType.Cname));
        Assert.Equal(["10.96.1.2"], await dns.AddressesAsync("alias.default.svc.cluster.local"));
        Assert.Equal(["web.default.svc.cluster.local."], await dns.TargetsAsync("alias.default.svc.cluster.local", RecordType.Cname));
        // Nobody can be asked about example.com here; that the name leads there is told all the same.
        var answer = await dns.AskAsync("away.default.svc.cluster.local", RecordType.A);
        Assert.Equal((ResponseCode.NoError, RecordType.Cname), (answer.Code, Assert.Single(answer.Answers).Type));
    }

    [Fact]
    public async Task ExternalNames_that_lead_in_a_circle_are_answered()
    {
        await using var dns = new DnsFixture();
        await dns.CreateAsync(Objects.ExternalName("one", "two.default.svc.cluster.local"));
        await dns.CreateAsync(Objects.ExternalName("two", "one.default.svc.cluster.local"));
        await dns.StartAsync();

        Assert.All((await dns.AskAsync("one.default.svc.cluster.local", RecordType.A)).Answers, static record => Assert.Equal(RecordType.Cname, record.Type));
    }

    [Theory]
    [InlineData("10-244-0-9.default.pod.cluster.local", 1, "10.244.0.9")]
    [InlineData("fd00--9.default.pod.cluster.local", 28, "fd00::9")]
    public async Task A_pods_name_spells_its_address(string name, int type, string address)
    {
        await using var dns = new DnsFixture();
        await dns.CreateNamespaceAsync("default");
        await dns.StartAsync();

        Assert.Equal([address], await dns.AddressesAsync(name, (RecordType)type));
    }

    [Fact]
    public async Task Verified_pod_names_are_those_of_pods_alone()
    {
        await using var dns = new DnsFixture();
        await dns.CreateNamespaceAsync("default");
        await dns.CreateAsync(Objects.Pod("one", "default", "10.244.0.9"));
        await dns.CreateAsync(new ConfigMap
        {
            Metadata = new ObjectMeta { Name = "kube-dns", Namespace = "kube-system" },
            Data = new Dictionary<string, string> { ["pods"] = "verified" },
        });
        await dns.StartAsync();

        Assert.Equal(["10.244.0.9"], await dns.AddressesAsync("10-244-0-9.default.pod.cluster.local"));
        Assert.Equal(ResponseCode.NameError, (await dns.AskAsync("10-244-0-8.default.pod.cluster.local", RecordType.A)).Code);
    }

    [Theory]
    [InlineData("web.default.svc.cluster.local", 28, 0)]
    [InlineData("web.default.svc.cluster.local", 15, 0)]
    [InlineData("default.svc.cluster.local", 1, 0)]
    [InlineData("_tcp.web.default.svc.cluster.local", 33, 0)]
    [InlineData("empty.svc.cluster.local", 1, 0)]
    [InlineData("nosuch.default.svc.cluster.local", 1, 3)]
    [InlineData("web.nosuch.svc.cluster.local", 1, 3)]
    [InlineData("10-244-0-9.nosuch.pod.cluster.local", 1, 3)]
    [InlineData("x.cluster.local", 1, 3)]
    public async Task What_is_missing_is_told_with_the_zones_SOA(string name, int type, int code)
    {
        await using var dns = new DnsFixture();
        await dns.CreateNamespaceAsync("default");
        await dns.CreateNamespaceAsync("empty");
        await dns.CreateAsync(Objects.Service("web", "10.96.1.2", Objects.Port("http", 80)));
        await dns.StartAsync();

        var answer = await dns.AskAsync(name, (RecordType)type);
        Assert.Equal((ResponseCode)code, answer.Code);
        Assert.Empty(answer.Answers);
        var soa = Assert.Single(answer.Authorities);
        Assert.Equal(("cluster.local.", RecordType.Soa), (WireName.ToText(soa.Owner), soa.Type));
        Assert.Equal(5u, soa.NegativeTtl);
    }

    [Fact]
    public async Task The_version_of_the_specification_is_told()
    {
        await using var dns = new DnsFixture();
        await dns.StartAsync();

        var record = Assert.Single((await dns.AskAsync("dns-version.cluster.local", RecordType.Txt)).Answers);
        Assert.Equal("1.1.0", System.Text.Encoding.ASCII.GetString(record.Data.AsSpan(1)));
    }

    [Fact]
    public async Task The_Service_kube_dns_leads_to_the_server_and_is_made_again_when_it_is_deleted()
    {
        await using var dns = new DnsFixture { ServiceAddress = IPAddress.Parse("10.96.0.10") };
        await dns.StartAsync();
        await Eventually.TrueAsync(() => Find<Api.Discovery.V1.EndpointSlice>() is not null, "no EndpointSlice");

        Assert.Equal("10.96.0.10", Find<Service>()!.Spec.ClusterIP);
        var slice = Find<Api.Discovery.V1.EndpointSlice>()!;
        Assert.Equal(["127.0.0.1"], Assert.Single(slice.Endpoints).Addresses);
        Assert.Equal([dns.Server.Port, dns.Server.Port], slice.Ports.Where(static port => port.Name is "dns" or "dns-tcp").Select(static port => port.Port!.Value));

        await dns.Api.Client.DeleteAsync<Service>("kube-system", "kube-dns", new DeleteOptions(), DnsFixture.Token);
        await Eventually.TrueAsync(() => Find<Service>() is not null, "the Service did not come back");

        T? Find<T>()
            where T : class, Api.Json.IResourceObject<T> =>
            dns.Api.Client.FindAsync<T>("kube-system", "kube-dns", DnsFixture.Token).GetAwaiter().GetResult();
    }
}
