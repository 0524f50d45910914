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
    public async Task A_pod_that_asks_for_AppArmor_runs_only_where_there_is_some()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var hasSome = File.Exists("/sys/module/apparmor/parameters/enabled") && (await File.ReadAllTextAsync("/sys/module/apparmor/parameters/enabled", Token)).StartsWith('Y');

        var pod = await space.PodEndsAsync(PodYaml.Script("true", "", "securityContext: {appArmorProfile: {type: RuntimeDefault}}"));

        Assert.Equal(
            hasSome ? ("Succeeded", null) : ("Failed", "Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host"),
            (pod.Status.Phase, pod.Status.Message));
    }

    [Fact]
    public async Task A_pod_that_asks_not_to_be_root_of_the_machine_never_is()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        await space.ApplyAsync<Pod>(PodYaml.Script("true", "", "hostUsers: false"));

        Assert.Equal(
            "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces",
            (await space.WaitForEventAsync("pod", "FailedCreatePodSandBox")).Message);
        Assert.Equal("Pending", (await space.GetAsync<Pod>("pod")).Status.Phase);
    }

    [Fact]
    public async Task A_pod_is_held_to_its_own_resources_whatever_its_containers_ask_for()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var pod = await space.PodRunsAsync(PodYaml.Web("", "resources: {requests: {cpu: 100m, memory: 40Mi}, limits: {cpu: 200m, memory: 60Mi}}"));

        Assert.Equal("Burstable", pod.Status.QosClass);
        var isUnified = File.Exists("/sys/fs/cgroup/cgroup.controllers");
        var folder = Directory.EnumerateDirectories(isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory", $"pod{pod.Metadata.Uid}", SearchOption.AllDirectories).First();
        var limit = await File.ReadAllTextAsync(Path.Combine(folder, isUnified ? "memory.max" : "memory.limit_in_bytes"), Token);
        Assert.Equal($"{60 << 20}", limit.Trim());
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
