using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>Pods that are given to a node past the scheduler, and that it turns away.</summary>
public sealed class AdmissionTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("resources: {requests: {cpu: '1000'}}", "", "OutOfcpu", "Node didn't have enough resource: cpu, requested: 1000000, used: ")]
    [InlineData("resources: {requests: {memory: 100Ti}}", "", "OutOfmemory", "Node didn't have enough resource: memory, requested: 109951162777600, used: ")]
    [InlineData("", "nodeSelector: {place: elsewhere}", "NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector")]
    [InlineData("", "securityContext: {sysctls: [{name: kernel.msgmax, value: '65536'}]}", "SysctlForbidden", "forbidden sysctl: \"kernel.msgmax\" not allowlisted")]
    public async Task A_pod_that_does_not_fit_fails_and_says_why(string container, string pod, string reason, string message)
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var refused = await space.PodEndsAsync(PodYaml.Script("true", container, await HereAsync(space, pod)));

        Assert.Equal(("Failed", reason), (refused.Status.Phase, refused.Status.Reason));
        Assert.StartsWith($"Pod was rejected: {message}", refused.Status.Message, StringComparison.Ordinal);
        Assert.All(refused.Status.ContainerStatuses, static status => Assert.Null(status.ContainerID));
        Assert.StartsWith(message, (await space.WaitForEventAsync("pod", reason)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_of_the_node_is_one_pods_alone_until_that_is_over()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var port = KybernetProgram.FreePort();
        var here = await HereAsync(space, "");
        string Pod(string name, string address) =>
            PodYaml.Command("[sleep, '100000']", $"ports: [{{containerPort: 80, hostPort: {port}, hostIP: {address}}}]", here, name);
        await space.PodRunsAsync(Pod("first", "127.0.0.1"));

        var second = await space.PodEndsAsync(Pod("second", "0.0.0.0"));
        await space.PodRunsAsync(Pod("elsewhere", "127.0.0.2"));
        await space.DeleteAsync<Pod>("first", 1);
        await space.WaitGoneAsync<Pod>("first");
        await space.PodRunsAsync(Pod("third", "127.0.0.1"));

        Assert.Equal(
            ("NodePorts", "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"),
            (second.Status.Reason, second.Status.Message));
    }

    private static async Task<string> HereAsync(TestNamespace space, string fields)
    {
        var node = Assert.Single(await space.ListAsync<Node>());
        return $"nodeName: {node.Metadata.Name}\n{fields}".TrimEnd();
    }
}
