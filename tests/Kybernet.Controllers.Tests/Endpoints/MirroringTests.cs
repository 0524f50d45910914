using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>Endpoints that somebody keeps by hand, on the real API server.</summary>
public sealed class MirroringTests : OnServerTest
{
    [Fact]
    [Trait("Conformance", "endpointslice-mirroring")]
    public async Task Endpoints_made_by_hand_become_slices_which_follow_them_and_go_with_them()
    {
        await CreateServiceAsync(selector: []);
        await Client.CreateAsync(ByHand("192.0.2.10"), Cancellation);
        await Eventually.TrueAsync(() => Slices() is [{ Endpoints: [{ Addresses: ["192.0.2.10"] }] }], "the slice");
        var slice = Slices()[0];
        Assert.Equal("outside", slice.Metadata.Labels["kubernetes.io/service-name"]);
        Assert.Equal("endpointslicemirroring-controller.k8s.io", slice.Metadata.Labels["endpointslice.kubernetes.io/managed-by"]);
        Assert.Equal("Endpoints", slice.Metadata.OwnerReferences[0].Kind);
        Assert.Equal(("IPv4", "http", 8080, "TCP"), (slice.AddressType, slice.Ports[0].Name, slice.Ports[0].Port, slice.Ports[0].Protocol));

        await ChangeAsync<Api.Core.V1.Endpoints>("a", "outside", known => known with { Subsets = ByHand("192.0.2.11").Subsets });
        await Eventually.TrueAsync(() => Slices() is [{ Endpoints: [{ Addresses: ["192.0.2.11"] }] }], "the slice follows");
        Assert.Equal(slice.Metadata.Uid, Slices()[0].Metadata.Uid);

        await Client.DeleteAsync<Api.Core.V1.Endpoints>("a", "outside", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Slices().Count == 0, "the slice is gone");
    }

    [Fact]
    public async Task An_address_of_each_family_and_one_that_is_not_ready_are_mirrored_as_what_they_are()
    {
        await CreateServiceAsync(selector: []);
        var subset = ByHand("192.0.2.10").Subsets[0] with { NotReadyAddresses = [new EndpointAddress { Ip = "2001:db8::1" }] };
        await Client.CreateAsync(ByHand("192.0.2.10") with { Subsets = [subset] }, Cancellation);
        await Eventually.TrueAsync(() => Slices().Count == 2, "a slice for each family");
        Assert.True(Slices().Single(static slice => slice.AddressType == "IPv4").Endpoints[0].Conditions!.Ready);
        Assert.False(Slices().Single(static slice => slice.AddressType == "IPv6").Endpoints[0].Conditions!.Ready);
    }

    [Fact]
    public async Task Endpoints_that_say_so_are_not_mirrored_and_neither_are_those_of_a_selector()
    {
        await CreateServiceAsync(selector: []);
        var original = ByHand("192.0.2.10");
        await Client.CreateAsync(original, Cancellation);
        await Eventually.TrueAsync(() => Slices().Count == 1, "the slice");
        await ChangeAsync<Api.Core.V1.Endpoints>(
            "a",
            "outside",
            static known => known with { Metadata = known.Metadata with { Labels = new Dictionary<string, string> { ["endpointslice.kubernetes.io/skip-mirror"] = "true" } } });
        await Eventually.TrueAsync(() => Slices().Count == 0, "told not to");
        await ChangeAsync<Api.Core.V1.Endpoints>("a", "outside", static known => known with { Metadata = known.Metadata with { Labels = new Dictionary<string, string>() } });
        await Eventually.TrueAsync(() => Slices().Count == 1, "told to again");
        await ChangeAsync<Service>("a", "outside", static known => known with { Spec = known.Spec with { Selector = new Dictionary<string, string> { ["app"] = "nobody" } } });
        await Eventually.TrueAsync(
            () => Slices() is [{ Endpoints.Count: 0 } only] && only.Metadata.Labels["endpointslice.kubernetes.io/managed-by"] == "endpointslice-controller.k8s.io",
            "the slice of the selector alone");
    }

    private static Api.Core.V1.Endpoints ByHand(string address) => new()
    {
        Metadata = new ObjectMeta { Namespace = "a", Name = "outside" },
        Subsets = [new EndpointSubset { Addresses = [new EndpointAddress { Ip = address }], Ports = [new Api.Core.V1.EndpointPort { Name = "http", Port = 8080 }] }],
    };

    private Task CreateServiceAsync(Dictionary<string, string> selector) => Client.CreateAsync(
        new Service
        {
            Metadata = new ObjectMeta { Namespace = "a", Name = "outside" },
            Spec = new ServiceSpec { Selector = selector, Ports = [new ServicePort { Name = "http", Port = 80, TargetPort = 8080 }] },
        },
        Cancellation);

    private IReadOnlyList<EndpointSlice> Slices() => List<EndpointSlice>("a");
}
