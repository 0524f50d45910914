using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>Where Services lead, on the real API server.</summary>
public sealed class EndpointsTests : ClusterTest
{
    private protected override ServerInProcess Server { get; } = new();

    [Fact]
    [Trait("Conformance", "endpoints-creation-deletion")]
    [Trait("Conformance", "endpointslice-creation-deletion")]
    public async Task A_service_leads_to_the_ready_pods_that_it_selects_and_to_nothing_when_they_are_gone()
    {
        await Client.CreateAsync(Deployment("web", 2), Cancellation);
        await Client.CreateAsync(
            new Service
            {
                Metadata = new ObjectMeta { Namespace = "a", Name = "front" },
                Spec = new ServiceSpec
                {
                    Selector = new Dictionary<string, string> { ["app"] = "web" },
                    Ports = [new ServicePort { Name = "http", Port = 80, TargetPort = 8080 }],
                },
            },
            Cancellation);
        await Eventually.TrueAsync(() => Slices() is [{ Endpoints.Count: 2 }], "both pods are endpoints");
        var slice = Slices()[0];
        Assert.Equal("front", slice.Metadata.Labels["kubernetes.io/service-name"]);
        Assert.Equal("endpointslice-controller.k8s.io", slice.Metadata.Labels["endpointslice.kubernetes.io/managed-by"]);
        Assert.Equal(("IPv4", "http", 8080), (slice.AddressType, slice.Ports[0].Name, slice.Ports[0].Port));
        Assert.All(slice.Endpoints, endpoint => Assert.True(endpoint is { Conditions: { Ready: true, Serving: true, Terminating: false }, NodeName: "node", TargetRef.Kind: "Pod" }));
        await Eventually.TrueAsync(() => Find<Api.Core.V1.Endpoints>("a", "front")?.Subsets is [{ Addresses.Count: 2, NotReadyAddresses.Count: 0, Ports: [{ Port: 8080 }] }], "the Endpoints");

        await ChangeAsync<Api.Apps.V1.Deployment>("a", "web", known => known with { Spec = known.Spec with { Replicas = 0 } });
        await Eventually.TrueAsync(() => Slices() is [{ Endpoints.Count: 0 }] && Find<Api.Core.V1.Endpoints>("a", "front")!.Subsets.Count == 0, "nobody is left");
        await Client.DeleteAsync<Service>("a", "front", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Slices().Count == 0 && Find<Api.Core.V1.Endpoints>("a", "front") is null, "all is gone");
    }

    [Fact]
    [Trait("Conformance", "namespace-deletion-removes-services")]
    public async Task A_service_that_selects_nobody_has_an_empty_slice_and_both_go_with_the_namespace()
    {
        var spec = new ServiceSpec { Selector = new Dictionary<string, string> { ["app"] = "nobody" }, Ports = [new ServicePort { Port = 80 }] };
        await Client.CreateAsync(new Service { Metadata = new ObjectMeta { Namespace = "a", Name = "empty" }, Spec = spec }, Cancellation);
        await Eventually.TrueAsync(() => Slices() is [{ Endpoints.Count: 0 }], "the empty slice");
        await Client.DeleteAsync<Namespace>("", "a", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<Namespace>("", "a") is null, "the namespace is gone");
        Assert.Empty(List<Service>("a"));
        Assert.Empty(Slices());
    }

    [Fact]
    [Trait("Conformance", "endpoints-empty-service")]
    [Trait("Conformance", "endpointslice-empty-service")]
    public async Task The_empty_endpoints_and_slice_of_a_service_that_selects_nobody_go_with_it()
    {
        var spec = new ServiceSpec { Selector = new Dictionary<string, string> { ["app"] = "nobody" }, Ports = [new ServicePort { Port = 80 }] };
        await Client.CreateAsync(new Service { Metadata = new ObjectMeta { Namespace = "a", Name = "empty" }, Spec = spec }, Cancellation);
        await Eventually.TrueAsync(() => Slices() is [{ Endpoints.Count: 0 }] && Find<Api.Core.V1.Endpoints>("a", "empty") is { Subsets.Count: 0 }, "both are there, and empty");
        await Client.DeleteAsync<Service>("a", "empty", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Slices().Count == 0 && Find<Api.Core.V1.Endpoints>("a", "empty") is null, "both are gone");
    }

    [Fact]
    public async Task More_than_a_thousand_endpoints_fill_slices_of_a_hundred_and_are_cut_off_in_Endpoints()
    {
        await Client.CreateAsync(Deployment("web", 1010), Cancellation);
        var spec = new ServiceSpec { Selector = new Dictionary<string, string> { ["app"] = "web" }, Ports = [new ServicePort { Port = 80 }] };
        await Client.CreateAsync(new Service { Metadata = new ObjectMeta { Namespace = "a", Name = "front" }, Spec = spec }, Cancellation);
        await Eventually.TrueAsync(() => Slices().Sum(static slice => slice.Endpoints.Count(static endpoint => endpoint.Conditions?.Ready == true)) == 1010, "all are ready endpoints");
        Assert.All(Slices(), static slice => Assert.InRange(slice.Endpoints.Count, 1, 100));
        await Eventually.TrueAsync(
            () => Find<Api.Core.V1.Endpoints>("a", "front") is { Subsets: [{ Addresses.Count: 1000 }] } cut && cut.Metadata.Annotations["endpoints.kubernetes.io/over-capacity"] == "truncated",
            "the Endpoints say that they are cut off");

        await ChangeAsync<Api.Apps.V1.Deployment>("a", "web", known => known with { Spec = known.Spec with { Replicas = 3 } });
        await Eventually.TrueAsync(
            () => Find<Api.Core.V1.Endpoints>("a", "front") is { Subsets: [{ Addresses.Count: 3 }], Metadata.Annotations.Count: 0 }, "nothing is left out any more");
    }

    private IReadOnlyList<EndpointSlice> Slices() => List<EndpointSlice>("a");
}
