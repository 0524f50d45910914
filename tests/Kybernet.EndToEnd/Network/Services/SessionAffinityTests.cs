using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network.Services;

/// <summary>Clients that stay with one pod, and that no longer do.</summary>
public sealed class SessionAffinityTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData("ClusterIP")]
    [InlineData("NodePort")]
    [Trait("Conformance", "service-clusterip-type-session-affinity-to-clientip")]
    [Trait("Conformance", "service-clusterip-type-session-affinity-to-none")]
    [Trait("Conformance", "service-nodeport-type-session-affinity-to-clientip")]
    [Trait("Conformance", "service-nodeport-type-session-affinity-to-none")]
    public async Task A_client_stays_with_a_pod_while_the_Service_says_so(string type)
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        await pods.RunAsync("one");
        await pods.RunAsync("two");
        var service = await pods.ServeAsync("echo", $"type: {type}, selector: {{app: echo}}, sessionAffinity: ClientIP, ports: [{{port: 80, targetPort: 8080}}]");
        var (address, port) = type == "NodePort" ? (await pods.NodeAddressAsync(), service.Spec.Ports[0].NodePort!.Value) : (service.Spec.ClusterIP!, 80);
        await pods.Namespace.WaitForAsync<Endpoints>("echo", static endpoints => endpoints.Subsets is [{ Addresses.Count: 2 }], "two endpoints");
        await pods.SticksAsync(address, port);
        await pods.Namespace.PatchAsync<Service>("echo", "{spec: {sessionAffinity: None}}");
        await pods.AllAnswerAsync(address, port, "one", "two");
        await pods.Namespace.PatchAsync<Service>("echo", "{spec: {sessionAffinity: ClientIP}}");
        await pods.SticksAsync(address, port);
    }
}
