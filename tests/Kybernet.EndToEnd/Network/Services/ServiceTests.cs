using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Client;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network.Services;

/// <summary>Where Services lead, with pods that answer.</summary>
public sealed class ServiceTests(ClusterFixture cluster)
{
    [Fact]
    [Trait("Conformance", "service-endpoints")]
    public async Task Traffic_follows_the_pods_as_they_come_and_go()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        var service = await pods.ServeAsync("echo", "selector: {app: echo}, ports: [{port: 80, targetPort: 8080}]");
        var address = service.Spec.ClusterIP!;
        await pods.BecomesAsync(address, 80, "");
        await pods.RunAsync("one");
        await pods.BecomesAsync(address, 80, "one");
        await pods.RunAsync("two");
        await pods.AllAnswerAsync(address, 80, "one", "two");
        await pods.Namespace.WaitForAsync<Endpoints>("echo", static endpoints => endpoints.Subsets is [{ Addresses.Count: 2 }], "two endpoints");
        await pods.Namespace.DeleteAsync<Pod>("one", 0);
        await pods.SticksAsync(address, 80);
        await pods.BecomesAsync(address, 80, "two");
        await pods.Namespace.DeleteAsync<Pod>("two", 0);
        await pods.BecomesAsync(address, 80, "");
        await pods.Namespace.WaitForAsync<Endpoints>("echo", static endpoints => endpoints.Subsets.Count == 0, "no endpoints");
    }

    [Fact]
    [Trait("Conformance", "kubernetes-default-endpoints-and-endpointslices")]
    public async Task The_APIs_own_Service_names_the_server_in_both_kinds_of_endpoints()
    {
        await using var @namespace = await cluster.NamespaceAsync(TestContext.Current.CancellationToken);
        var client = @namespace.Client;
        var token = TestContext.Current.CancellationToken;

        var endpoints = await client.GetAsync<Endpoints>("default", "kubernetes", token);
        var slices = await client.ListAsync<EndpointSlice>("default", new ListSelection("kubernetes.io/service-name=kubernetes"), token);
        var node = Assert.Single(await client.ListAsync<Node>("", ListSelection.All, token));

        var address = node.Status.Addresses.First(static item => item.Type == "InternalIP").Address;
        var subset = Assert.Single(endpoints.Subsets);
        var slice = Assert.Single(slices);
        Assert.Equal(address, Assert.Single(subset.Addresses).Ip);
        Assert.Equal(address, Assert.Single(Assert.Single(slice.Endpoints).Addresses));
        Assert.Equal(("https", cluster.Program.Port), (Assert.Single(subset.Ports).Name, Assert.Single(subset.Ports).Port));
        Assert.Equal(("https", (int?)cluster.Program.Port), (Assert.Single(slice.Ports).Name, Assert.Single(slice.Ports).Port));
    }

    [Fact]
    [Trait("Conformance", "service-endpoints-with-multiple-ports")]
    public async Task Each_port_of_a_Service_leads_to_its_own_port_of_the_pods()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        await pods.RunAsync("one", "{name: first, containerPort: 8080}");
        var service = await pods.ServeAsync(
            "echo", "selector: {app: echo}, ports: [{name: a, port: 80, targetPort: first}, {name: b, port: 81, targetPort: second}]");
        await pods.RunAsync("two", "{name: second, containerPort: 9090}", tcpPort: 9090);
        await pods.BecomesAsync(service.Spec.ClusterIP!, 80, "one");
        await pods.BecomesAsync(service.Spec.ClusterIP!, 81, "two");
        await pods.Namespace.WaitForAsync<Endpoints>(
            "echo",
            static endpoints => endpoints.Subsets.Any(static subset => subset.Ports is [{ Name: "a", Port: 8080 }])
                && endpoints.Subsets.Any(static subset => subset.Ports is [{ Name: "b", Port: 9090 }]),
            "a subset for each");
        await pods.Namespace.DeleteAsync<Pod>("one", 0);
        await pods.BecomesAsync(service.Spec.ClusterIP!, 80, "");
        await pods.BecomesAsync(service.Spec.ClusterIP!, 81, "two");
    }

    [Fact]
    [Trait("Conformance", "service-nodeport-service")]
    public async Task A_node_port_is_reached_by_name_by_cluster_address_and_at_the_node()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        await pods.RunAsync("one");
        await pods.RunAsync("two");
        var service = await pods.ServeAsync("echo", "type: NodePort, selector: {app: echo}, ports: [{port: 80, targetPort: 8080}]");
        await pods.AllAnswerAsync("echo", 80, "one", "two");
        await pods.AllAnswerAsync(service.Spec.ClusterIP!, 80, "one", "two");
        await pods.AllAnswerAsync(await pods.NodeAddressAsync(), service.Spec.Ports[0].NodePort!.Value, "one", "two");
    }

    [Fact]
    public async Task A_load_balancer_is_reached_at_the_address_of_the_node_and_takes_its_leave()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        await pods.RunAsync("one");
        var node = await pods.NodeAddressAsync();
        var port = KybernetProgram.FreePort();
        await pods.ServeAsync("echo", $"type: LoadBalancer, selector: {{app: echo}}, ports: [{{port: {port}, targetPort: 8080}}]");
        await pods.Namespace.WaitForAsync<Service>("echo", service => service.Status.LoadBalancer?.Ingress is [{ Ip: var ip }] && ip == node, "the node's address");
        await pods.BecomesAsync(node, port, "one");
        await pods.Namespace.DeleteAsync<Service>("echo");
        await pods.Namespace.WaitGoneAsync<Service>("echo");
        await pods.BecomesAsync(node, port, "");
    }

    [Fact]
    [Trait("Conformance", "service-should-serve-endpoints-on-same-port-and-different-protocols")]
    public async Task One_port_number_may_carry_both_protocols_and_lose_either()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        await pods.RunAsync("one");
        var service = await pods.ServeAsync(
            "echo", "selector: {app: echo}, ports: [{name: t, port: 80, targetPort: 8080}, {name: u, port: 80, protocol: UDP, targetPort: 8081}]");
        var address = service.Spec.ClusterIP!;
        await pods.BecomesAsync(address, 80, "one");
        await pods.BecomesAsync(address, 80, "one", udp: true);

        await ReplacePortsAsync(pods, "{name: u, port: 80, protocol: UDP, targetPort: 8081}");
        await pods.BecomesAsync(address, 80, "");
        await pods.BecomesAsync(address, 80, "one", udp: true);
        await ReplacePortsAsync(pods, "{name: t, port: 80, protocol: TCP, targetPort: 8080}");
        await pods.BecomesAsync(address, 80, "", udp: true);
        await pods.BecomesAsync(address, 80, "one");
    }

    [Fact]
    [Trait("Conformance", "endpointslice-multiple-ips-multiple-ports")]
    public async Task Slices_made_by_hand_with_several_addresses_and_ports_all_get_traffic()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        var one = await pods.RunAsync("one");
        var two = await pods.RunAsync("two", tcpPort: 9090);
        var service = await pods.ServeAsync("byhand", "ports: [{port: 80}]");
        await SliceAsync(pods, "first", one.Status.PodIP!, 8080);
        await SliceAsync(pods, "second", two.Status.PodIP!, 9090);
        await pods.AllAnswerAsync(service.Spec.ClusterIP!, 80, "one", "two");
    }

    [Fact]
    [Trait("Conformance", "endpointslice-single-ip-multiple-ports")]
    public async Task Slices_made_by_hand_with_several_ports_of_one_address_all_get_traffic()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        // One pod, two servers: the second tells of itself by another name.
        var pod = await pods.Namespace.PodRunsAsync("""
            {apiVersion: v1, kind: Pod, metadata: {name: both}, spec: {terminationGracePeriodSeconds: 1, containers: [
              {name: a, image: 'kybernet.local/echo:1.0', command: [socat, 'TCP-LISTEN:8080,fork,reuseaddr', 'SYSTEM:echo first']},
              {name: b, image: 'kybernet.local/echo:1.0', command: [socat, 'TCP-LISTEN:9090,fork,reuseaddr', 'SYSTEM:echo second']}] } }
            """);
        var service = await pods.ServeAsync("byhand", "ports: [{port: 80}]");
        await SliceAsync(pods, "first", pod.Status.PodIP!, 8080);
        await SliceAsync(pods, "second", pod.Status.PodIP!, 9090);
        await pods.AllAnswerAsync(service.Spec.ClusterIP!, 80, "first", "second");
    }

    private static Task<EndpointSlice> SliceAsync(EchoPods pods, string name, string address, int port) => pods.Namespace.ApplyAsync<EndpointSlice>($$"""
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: {{name}}, labels: {kubernetes.io/service-name: byhand} }, addressType: IPv4,
         endpoints: [{addresses: ['{{address}}']}], ports: [{name: '', port: {{port}}, protocol: TCP}]}
        """);

    private static Task<Service> ReplacePortsAsync(EchoPods pods, string port) => pods.Namespace.PatchAsync<Service>("echo", $"{{spec: {{ports: [{{$patch: replace}}, {port}]}}}}");
}
