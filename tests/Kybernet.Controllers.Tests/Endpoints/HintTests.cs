using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>For whom endpoints are meant, on the real API server.</summary>
public sealed class HintTests : OnServerTest
{
    [Theory]
    [InlineData("PreferClose", false)]
    [InlineData("PreferSameZone", false)]
    [InlineData("PreferSameNode", true)]
    public async Task A_service_that_prefers_what_is_near_has_hints_until_it_does_not(string distribution, bool hintsAtNodes)
    {
        await CreateNodeAsync("node", "here");
        await CreateServiceAsync(new Dictionary<string, string>(), distribution);
        await Client.CreateAsync(Deployment("web", 1), Cancellation);
        await Eventually.TrueAsync(() => Hints() is [{ ForZones: [{ Name: "here" }] } hints] && hints.ForNodes.Count == (hintsAtNodes ? 1 : 0), "the hints");
        await ChangeAsync<Service>("a", "front", static known => known with { Spec = known.Spec with { TrafficDistribution = null } });
        await Eventually.TrueAsync(() => Hints() is [null], "no hints");
    }

    [Fact]
    public async Task Topology_aware_hints_need_two_zones_and_come_when_there_are()
    {
        await CreateNodeAsync("node", "here");
        await CreateServiceAsync(new Dictionary<string, string> { ["service.kubernetes.io/topology-mode"] = "Auto" }, null);
        await Client.CreateAsync(Deployment("web", 4), Cancellation);
        await Eventually.TrueAsync(
            () => HasEvent("TopologyAwareHintsDisabled", "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes, addressType: IPv4"),
            "the event");
        await CreateNodeAsync("other", "there");
        await Eventually.TrueAsync(
            () => Hints().Count(static hints => hints is { ForZones: [{ Name: "here" }] }) == 2 && Hints().Count(static hints => hints is { ForZones: [{ Name: "there" }] }) == 2,
            "half of the endpoints are meant for each zone");
        await Eventually.TrueAsync(() => HasEvent("TopologyAwareHintsEnabled", "Topology Aware Hints has been enabled, addressType: IPv4"), "the event");
    }

    private IReadOnlyList<EndpointHints?> Hints() => [.. List<EndpointSlice>("a").SelectMany(static slice => slice.Endpoints).Select(static endpoint => endpoint.Hints)];

    private Task CreateServiceAsync(Dictionary<string, string> annotations, string? distribution) => Client.CreateAsync(
        new Service
        {
            Metadata = new ObjectMeta { Namespace = "a", Name = "front", Annotations = annotations },
            Spec = new ServiceSpec { Selector = new Dictionary<string, string> { ["app"] = "web" }, Ports = [new ServicePort { Port = 80 }], TrafficDistribution = distribution },
        },
        Cancellation);

    private async Task CreateNodeAsync(string name, string zone)
    {
        var labels = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = zone };
        var node = await Client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = name, Labels = labels } }, Cancellation);
        var ready = new NodeCondition { Type = "Ready", Status = "True", LastHeartbeatTime = TimeProvider.System.GetUtcNow() };
        var status = new NodeStatus { Conditions = [ready], Allocatable = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("2") } };
        await Client.UpdateStatusAsync(node with { Status = status, Metadata = node.Metadata with { ResourceVersion = null } }, Cancellation); // others write it too
    }
}
