using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>How long new Services wait for their endpoints, on the real API server.</summary>
public sealed class EndpointLatencyTests : OnServerTest
{
    private const int Services = 100;

    [Fact]
    [Trait("Conformance", "service-endpoint-latency-thresholds")]
    public async Task New_services_have_their_endpoints_soon()
    {
        await Client.CreateAsync(Deployment("web", 1), Cancellation);
        await Eventually.TrueAsync(() => List<Pod>("a") is [{ Status.PodIP: not null }], "the pod has an address");
        var created = new Dictionary<string, long>();
        var latencies = new List<TimeSpan>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var from = (await Client.Transport.ListAsync(new ApiCall(HttpMethod.Get, ResourcePath.Of<EndpointSlice>("a")), Cancellation)).ResourceVersion;
        var watching = WatchAsync(from, created, latencies, ending.Token);
        for (var i = 0; i < Services; i++)
        {
            var name = $"front-{i}";
            var spec = new ServiceSpec { Selector = new Dictionary<string, string> { ["app"] = "web" }, Ports = [new ServicePort { Port = 80 }] };
            lock (created)
            {
                created.Add(name, TimeProvider.System.GetTimestamp());
            }
            await Client.CreateAsync(new Service { Metadata = new ObjectMeta { Namespace = "a", Name = name }, Spec = spec }, Cancellation);
        }
        await watching.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, Cancellation);
        latencies.Sort();
        Assert.InRange(latencies[Services / 2], TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.InRange(latencies[Services * 99 / 100], TimeSpan.Zero, TimeSpan.FromSeconds(50));
    }

    private async Task WatchAsync(string from, Dictionary<string, long> created, List<TimeSpan> latencies, CancellationToken cancellationToken)
    {
        var call = new ApiCall(HttpMethod.Get, $"{ResourcePath.Of<EndpointSlice>("a")}?watch=true&resourceVersion={from}");
        await foreach (var change in Client.Transport.WatchAsync(call, cancellationToken))
        {
            var slice = change.Object.As<EndpointSlice>();
            lock (created)
            {
                if (slice.Endpoints.Count > 0 && created.Remove(slice.Metadata.Labels["kubernetes.io/service-name"], out var since))
                {
                    latencies.Add(TimeProvider.System.GetElapsedTime(since));
                }
            }
            if (latencies.Count == Services)
            {
                return;
            }
        }
    }
}
