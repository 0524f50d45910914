using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>ServiceCIDRs and IPAddresses, on the real API server.</summary>
public sealed class ServiceAddressTests : OnServerTest
{
    [Fact]
    public async Task The_clusters_own_range_is_there_ready_and_held_by_its_finalizer()
    {
        await Eventually.TrueAsync(() => IsReady("kubernetes"), "it is ready");
        var range = Find<ServiceCIDR>("", "kubernetes")!;
        Assert.Equal(["networking.k8s.io/service-cidr-finalizer"], range.Metadata.Finalizers);
        Assert.Equal(["10.96.0.0/12"], range.Spec.Cidrs);
    }

    [Fact]
    public async Task Each_cluster_address_has_an_object_as_long_as_its_service_has_it()
    {
        var service = await CreateAsync(Service("web"));
        var address = service.Spec.ClusterIP!;
        await Eventually.TrueAsync(() => Find<IPAddress>("", address) is not null, "the object");
        var known = Find<IPAddress>("", address)!;
        Assert.Equal(("services", "a", "web"), (known.Spec.ParentRef.Resource, known.Spec.ParentRef.Namespace, known.Spec.ParentRef.Name));
        Assert.Equal("ipallocator.k8s.io", known.Metadata.Labels["ipaddress.kubernetes.io/managed-by"]);
        Assert.Equal("IPv4", known.Metadata.Labels["ipaddress.kubernetes.io/ip-family"]);

        await Client.DeleteAsync<IPAddress>("", address, DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<IPAddress>("", address) is { } again && again.Metadata.Uid != known.Metadata.Uid, "it is made again");
        await Client.DeleteAsync<Service>("a", "web", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<IPAddress>("", address) is null, "it goes with the service");
    }

    [Fact]
    public async Task An_object_that_somebody_has_changed_is_put_right()
    {
        var address = (await CreateAsync(Service("web"))).Spec.ClusterIP!;
        await Eventually.TrueAsync(() => Find<IPAddress>("", address) is not null, "the object");
        await ChangeAsync<IPAddress>("", address, static known => known with
        {
            Metadata = known.Metadata with { Labels = new Dictionary<string, string> { ["ipaddress.kubernetes.io/managed-by"] = "somebody" } },
        });
        await Eventually.TrueAsync(
            () => Find<IPAddress>("", address)?.Metadata.Labels["ipaddress.kubernetes.io/managed-by"] == "ipallocator.k8s.io", "it is put right");
        await Eventually.TrueAsync(
            () => HasEvent("ClusterIPNotAllocated", $"the ClusterIP [IPv4]: {address} for Service a/web has a wrong reference; repairing"), "the event");
    }

    [Fact]
    public async Task What_a_refused_write_or_a_deleted_service_had_is_free_at_once()
    {
        const string address = "10.96.200.9";
        var web = Service("web") with { Spec = new ServiceSpec { Type = "NodePort", ClusterIP = address, Ports = [new ServicePort { Port = 80, NodePort = 30123 }] } };
        var wrong = web with { Spec = web.Spec with { SessionAffinity = "Sometimes" } };
        await Assert.ThrowsAsync<ApiException>(() => CreateAsync(wrong));
        for (var i = 0; i < 3; i++)
        {
            await CreateAsync(web with { Metadata = web.Metadata with { Name = $"web-{i}" } });
            await Assert.ThrowsAsync<ApiException>(() => CreateAsync(web));
            await Client.DeleteAsync<Service>("a", $"web-{i}", DeleteOptions.Empty, Cancellation);
        }
    }

    [Fact]
    public async Task Another_range_gives_addresses_until_it_is_deleted_and_is_held_while_they_are_in_use()
    {
        await Client.CreateAsync(new ServiceCIDR { Metadata = new ObjectMeta { Name = "more" }, Spec = new ServiceCIDRSpec { Cidrs = ["198.51.100.0/28"] } }, Cancellation);
        await Eventually.TrueAsync(() => IsReady("more"), "it is ready");
        var web = Service("web");
        await CreateAsync(web with { Spec = web.Spec with { ClusterIP = "198.51.100.3" } });
        await Eventually.TrueAsync(() => Find<IPAddress>("", "198.51.100.3") is not null, "the object");

        await Client.DeleteAsync<ServiceCIDR>("", "more", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(
            () => Find<ServiceCIDR>("", "more")!.Status.Conditions is [{ Type: "Ready", Status: "False", Reason: "Terminating" }], "it tells why it is still there");
        var late = Service("late");
        var refused = await Assert.ThrowsAsync<ApiException>(() => CreateAsync(late with { Spec = late.Spec with { ClusterIP = "198.51.100.4" } }));
        Assert.Contains("is not in the valid range. The range of valid IPs is 10.96.0.0/12", refused.Message, StringComparison.Ordinal);

        await Client.DeleteAsync<Service>("a", "web", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<ServiceCIDR>("", "more") is null, "it is gone");
    }

    [Fact]
    public async Task An_address_that_is_kept_for_something_else_is_given_to_no_service()
    {
        await Client.CreateAsync(Kept("10.96.200.7"), Cancellation);
        var web = Service("web");
        var refused = await Assert.ThrowsAsync<ApiException>(() => CreateAsync(web with { Spec = web.Spec with { ClusterIP = "10.96.200.7" } }));
        Assert.Contains("provided IP is already allocated", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_range_of_each_family_a_service_has_an_address_of_each()
    {
        await Client.CreateAsync(new ServiceCIDR { Metadata = new ObjectMeta { Name = "v6" }, Spec = new ServiceCIDRSpec { Cidrs = ["2001:db8::/112"] } }, Cancellation);
        var web = Service("web");
        var service = await CreateAsync(web with { Spec = web.Spec with { IpFamilyPolicy = "RequireDualStack" } });
        Assert.Equal(["IPv4", "IPv6"], service.Spec.IpFamilies);
        Assert.Equal(2, service.Spec.ClusterIPs.Count);
        Assert.StartsWith("2001:db8::", service.Spec.ClusterIPs[1], StringComparison.Ordinal);
        await Eventually.TrueAsync(() => service.Spec.ClusterIPs.All(address => Find<IPAddress>("", address) is not null), "an object each");
    }

    [Fact]
    public async Task Without_a_second_family_dual_stack_is_refused_where_it_is_required()
    {
        var web = Service("web");
        Assert.Single((await CreateAsync(web with { Spec = web.Spec with { IpFamilyPolicy = "PreferDualStack" } })).Spec.ClusterIPs);
        var other = Service("other");
        var refused = await Assert.ThrowsAsync<ApiException>(() => CreateAsync(other with { Spec = other.Spec with { IpFamilyPolicy = "RequireDualStack" } }));
        Assert.Contains("this cluster is not configured for dual-stack services", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_load_balancer_that_keeps_to_the_node_has_a_health_check_port_and_gives_it_back()
    {
        var web = Service("web");
        var service = await CreateAsync(web with { Spec = web.Spec with { Type = "LoadBalancer", ExternalTrafficPolicy = "Local" } });
        Assert.InRange(service.Spec.HealthCheckNodePort ?? 0, 30000, 32767);
        var changed = await ChangeAsync<Service>("a", "web", static known => known with { Spec = known.Spec with { Type = "ClusterIP", ExternalTrafficPolicy = null } });
        Assert.Null(changed.Spec.HealthCheckNodePort);
        Assert.All(changed.Spec.Ports, static port => Assert.Null(port.NodePort));
    }

    private bool IsReady(string name) => Find<ServiceCIDR>("", name)!.Status.Conditions is [{ Type: "Ready", Status: "True" }];

    private static IPAddress Kept(string address) => new()
    {
        Metadata = new ObjectMeta { Name = address },
        Spec = new IPAddressSpec { ParentRef = new ParentReference { Group = "gateway.networking.k8s.io", Resource = "gateways", Namespace = "a", Name = "web" } },
    };

    private static Service Service(string name) => new()
    {
        Metadata = new ObjectMeta { Namespace = "a", Name = name },
        Spec = new ServiceSpec { Ports = [new ServicePort { Port = 80 }] },
    };

    private Task<Service> CreateAsync(Service service) => Client.CreateAsync(service, Cancellation);
}
