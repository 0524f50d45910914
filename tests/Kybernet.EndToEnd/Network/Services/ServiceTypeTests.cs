using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network.Services;

/// <summary>Services that become Services of another type.</summary>
public sealed class ServiceTypeTests(ClusterFixture cluster)
{
    private const string Ports = "ports: [{port: 80, targetPort: 8080}]";

    [Fact]
    [Trait("Conformance", "service-change-type-externalname-to-clusterip")]
    [Trait("Conformance", "service-change-type-clusterip-to-externalname")]
    public async Task An_alias_becomes_an_address_and_an_alias_again()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        await pods.RunAsync("one");
        await TargetAsync(pods);
        await pods.ServeAsync("change", "type: ExternalName, externalName: example.com");
        var service = await pods.Namespace.PatchAsync<Service>("change", $"{{spec: {{type: ClusterIP, externalName: '', selector: {{app: echo}}, {Ports}}}}}");
        Assert.NotEmpty(service.Spec.ClusterIP!);
        await pods.BecomesAsync(service.Spec.ClusterIP!, 80, "one");
        await pods.BecomesAsync("change", 80, "one");
        await BecomesAliasAsync(pods, service.Spec.ClusterIP!);
    }

    [Fact]
    [Trait("Conformance", "service-change-type-externalname-to-nodeport")]
    [Trait("Conformance", "service-change-type-nodeport-to-externalname")]
    public async Task An_alias_becomes_a_node_port_and_an_alias_again()
    {
        await using var pods = await EchoPods.StartAsync(cluster);
        await pods.RunAsync("one");
        await TargetAsync(pods);
        await pods.ServeAsync("change", "type: ExternalName, externalName: example.com");
        var service = await pods.Namespace.PatchAsync<Service>("change", $"{{spec: {{type: NodePort, externalName: '', selector: {{app: echo}}, {Ports}}}}}");
        var port = service.Spec.Ports[0].NodePort!.Value;
        await pods.BecomesAsync(await pods.NodeAddressAsync(), port, "one");
        await pods.BecomesAsync("change", 80, "one");
        await BecomesAliasAsync(pods, service.Spec.ClusterIP!);
        await pods.BecomesAsync(await pods.NodeAddressAsync(), port, "");
    }

    /// <summary>What the alias is to lead to: another Service of the namespace.</summary>
    private static Task<Service> TargetAsync(EchoPods pods) => pods.ServeAsync("target", $"selector: {{app: echo}}, {Ports}");

    private static async Task BecomesAliasAsync(EchoPods pods, string address)
    {
        var name = $"target.{pods.Namespace.Name}.svc.cluster.local";
        var service = await pods.Namespace.PatchAsync<Service>("change", $"{{spec: {{type: ExternalName, externalName: {name}, clusterIP: '', clusterIPs: null}}}}");
        Assert.True(string.IsNullOrEmpty(service.Spec.ClusterIP));
        await pods.BecomesAsync(address, 80, "");
        var target = (await pods.Namespace.GetAsync<Service>("target")).Spec.ClusterIP;
        await Eventually.BecomesAsync(() => pods.ResolveAsync("change"), found => found == target, TestContext.Current.CancellationToken);
    }
}
