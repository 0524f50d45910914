using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Resources;

/// <summary>How workloads are scaled by their <c>scale</c>.</summary>
public sealed class ScaleTests
{
    [Theory]
    [InlineData("/apis/apps/v1/namespaces/default/deployments")]
    [InlineData("/apis/apps/v1/namespaces/default/replicasets")]
    [InlineData("/apis/apps/v1/namespaces/default/statefulsets")]
    [InlineData("/api/v1/namespaces/default/replicationcontrollers")]
    [Trait("Conformance", "deployment-completes-the-scaling-of-a-deployment-subresource")]
    [Trait("Conformance", "replicaset-completes-the-scaling-of-a-replicaset-subresource")]
    [Trait("Conformance", "statefulset-resource-replica-scaling")]
    [Trait("Conformance", "replication-controller-get-and-update-replicationcontroller-scale")]
    public async Task A_scale_is_read_updated_and_patched(string collection)
    {
        await using var server = await TestServer.StartAsync();
        var selector = collection.EndsWith("replicationcontrollers", StringComparison.Ordinal) ? """{"a":"b"}""" : """{"matchLabels":{"a":"b"}}""";
        var (made, _) = await server.SendAsync(
            HttpMethod.Post, collection,
            $$$"""{"metadata":{"name":"one"},"spec":{"replicas":1,"selector":{{{selector}}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]} } } }""");
        Assert.Equal(201, made);

        var (read, scale) = await server.SendAsync(HttpMethod.Get, $"{collection}/one/scale");
        Assert.Equal((200, "Scale", "autoscaling/v1", 1), (read, (string)scale!["kind"]!, (string)scale["apiVersion"]!, (int)scale["spec"]!["replicas"]!));
        scale["spec"]!["replicas"] = 2;
        var (updated, _) = await server.SendAsync(HttpMethod.Put, $"{collection}/one/scale", scale.ToJsonString());
        Assert.Equal((200, 2), (updated, await ReplicasAsync()));
        var (patched, _) = await server.SendAsync(HttpMethod.Patch, $"{collection}/one/scale", """{"spec":{"replicas":4}}""", "application/merge-patch+json");
        Assert.Equal((200, 4), (patched, await ReplicasAsync()));

        async Task<int> ReplicasAsync() => (int)(await server.SendAsync(HttpMethod.Get, $"{collection}/one")).Body!["spec"]!["replicas"]!;
    }
}
