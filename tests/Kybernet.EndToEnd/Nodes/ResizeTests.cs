using System.Globalization;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Client;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>Pods whose resources change while they run.</summary>
public sealed class ResizeTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What one container asks for and may have, in millicores and mebibytes; 0 for nothing said.</summary>
    private sealed record Amounts(int Cpu, int CpuLimit, int Memory, int MemoryLimit)
    {
        public static Amounts Guaranteed(int cpu, int memory) => new(cpu, cpu, memory, memory);

        public string Yaml => $"{{requests: {{{Entries(Cpu, Memory)}}}, limits: {{{Entries(CpuLimit, MemoryLimit)}}}}}";

        private static string Entries(int cpu, int memory) =>
            string.Join(", ", new[] { cpu > 0 ? $"cpu: {cpu}m" : "", memory > 0 ? $"memory: {memory}Mi" : "" }.Where(static entry => entry.Length > 0));
    }

    [Fact]
    [Trait("Conformance", "in-place-pod-resize-guaranteed-pods-with-multiple-containers-net-increase")]
    public Task Three_guaranteed_containers_get_more_together() => ResizesAndBackAsync(
        [Amounts.Guaranteed(20, 35), Amounts.Guaranteed(22, 37), Amounts.Guaranteed(24, 39)],
        [Amounts.Guaranteed(25, 40), Amounts.Guaranteed(27, 42), Amounts.Guaranteed(19, 34)]);

    [Fact]
    [Trait("Conformance", "in-place-pod-resize-guaranteed-pods-with-multiple-containers-net-decrease")]
    public Task Three_guaranteed_containers_get_less_together() => ResizesAndBackAsync(
        [Amounts.Guaranteed(20, 35), Amounts.Guaranteed(22, 37), Amounts.Guaranteed(24, 39)],
        [Amounts.Guaranteed(25, 40), Amounts.Guaranteed(17, 32), Amounts.Guaranteed(19, 34)]);

    [Fact]
    [Trait("Conformance", "in-place-pod-resize-guaranteed-pods-with-multiple-containers-various-operations")]
    public Task Three_guaranteed_containers_change_in_different_directions() => ResizesAndBackAsync(
        [Amounts.Guaranteed(20, 35), Amounts.Guaranteed(22, 37), Amounts.Guaranteed(24, 39)],
        [Amounts.Guaranteed(25, 35), Amounts.Guaranteed(17, 42), Amounts.Guaranteed(29, 44)]);

    [Fact]
    [Trait("Conformance", "in-place-pod-resize-burtable-pod-with-multiple-containers-and-various-operations")]
    public async Task Burstable_containers_get_requests_and_limits_that_they_did_not_have()
    {
        Amounts[] before = [new(20, 0, 0, 0), new(0, 0, 35, 0), new(20, 0, 35, 0), new(20, 0, 0, 0), new(0, 0, 35, 0), new(20, 30, 35, 45)];
        Amounts[] after = [new(25, 35, 0, 0), new(0, 0, 30, 50), new(20, 0, 30, 0), new(15, 0, 35, 0), new(20, 0, 40, 0), new(15, 35, 40, 40)];
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodRunsAsync(PodOf(before));

        await ResizeAsync(space, after);
    }

    [Fact]
    [Trait("Conformance", "in-place-pod-resize-burstable-pod-resized-with-equivalents")]
    public Task A_change_that_the_kernel_does_not_see_is_shown() =>
        ResizesAndBackAsync([new Amounts(2, 10, 0, 0)], [new Amounts(1, 5, 0, 0)]);

    [Fact]
    [Trait("Conformance", "in-place-pod-resize-read-and-replace-endpoints")]
    public async Task A_pod_is_read_and_replaced_on_the_endpoint_for_resizing()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodRunsAsync(PodOf([Amounts.Guaranteed(20, 35)]));
        var path = ResourcePath.Of<Pod>(space.Name, "pod", "resize");

        var read = await space.Client.SendAsync<Pod>(new ApiCall(HttpMethod.Get, path), Token);
        Assert.True(ModelJson.Same(read.Spec, (await space.GetAsync<Pod>("pod")).Spec));

        await RetryOnConflict.RunAsync(
            async token =>
            {
                var pod = await space.GetAsync<Pod>("pod");
                var amounts = new Dictionary<string, Api.Quantity> { ["cpu"] = Api.Quantity.FromMilli(30), ["memory"] = pod.Spec.Containers[0].Resources!.Limits["memory"] };
                var container = pod.Spec.Containers[0] with { Resources = new ResourceRequirements { Requests = amounts, Limits = amounts } };
                var body = ModelJson.ToUtf8(pod with { Spec = pod.Spec with { Containers = [container] } });
                return await space.Client.SendAsync<Pod>(new ApiCall(HttpMethod.Put, path) { Body = body }, token);
            },
            TimeProvider.System,
            Token);

        await HasAsync(space, [Amounts.Guaranteed(30, 35)], static _ => 0);
    }

    [Fact]
    public async Task A_container_is_started_anew_where_it_says_so()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodRunsAsync(PodOf(
            [new(20, 30, 35, 45), new(20, 30, 35, 45)], "resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]"));

        // The first one's processors change only, which it takes as it runs.
        await space.PatchAsync<Pod>("pod", PatchOf([new(25, 35, 35, 45), new(20, 30, 36, 45)]), "resize");

        await HasAsync(space, [new(25, 35, 35, 45), new(20, 30, 36, 45)], static index => index);
        Assert.Contains(await space.ListEventsAsync("pod"), static one => one is { Reason: "Killing", Message: "Container c1 resize requires restart" });
    }

    [Fact]
    public async Task What_the_node_never_has_is_infeasible_and_what_it_has_not_now_is_deferred()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var first = await space.PodRunsAsync(PodOf([new(20, 0, 0, 0)]));
        var node = await space.Client.GetAsync<Node>("", first.Spec.NodeName!, Token);
        var capacity = node.Status.Allocatable["cpu"].MilliValue;

        await space.Kubectl.RunAsync(
            Token, "patch", "pod", "pod", "--subresource", "resize", "-p", """{"spec":{"containers":[{"name":"c0","resources":{"requests":{"cpu":"1000"}}}]}}""");
        var pending = await PendingAsync(space, "Infeasible");
        Assert.Equal($"Node didn't have enough capacity: cpu, requested: 1000000, capacity: {capacity}", pending.Message);
        await space.WaitForEventAsync("pod", "ResizeInfeasible");

        // All but a little of the node: the other pod of this test has too much for that.
        await space.PodRunsAsync(PodOf([new(100, 0, 0, 0)]).Replace("name: pod", "name: other", StringComparison.Ordinal));
        await space.PatchAsync<Pod>("pod", PatchOf([new((int)capacity - 50, 0, 0, 0)]), "resize");
        pending = await PendingAsync(space, "Deferred");
        Assert.StartsWith($"Node didn't have enough resource: cpu, requested: {capacity - 50}, used: ", pending.Message, StringComparison.Ordinal);
        Assert.Equal(20, (await space.GetAsync<Pod>("pod")).Status.ContainerStatuses[0].AllocatedResources["cpu"].MilliValue);

        await space.PatchAsync<Pod>("pod", PatchOf([new(30, 0, 0, 0)]), "resize");
        await HasAsync(space, [new(30, 0, 0, 0)], static _ => 0);
    }

    [Theory]
    [InlineData("containers: [{name: c0, resources: {requests: {cpu: 40m}}}]", "Invalid value: \"40m\": must be less than or equal to cpu limit of 30m")]
    [InlineData("containers: [{name: c0, resources: {limits: {cpu: 20m, memory: 35Mi}}}]", "Pod QOS Class may not change as a result of resizing")]
    [InlineData("containers: [{name: c0, resources: {requests: {ephemeral-storage: 1Mi}}}]", "only cpu and memory resources are mutable")]
    [InlineData("containers: [{name: c0, resources: {limits: {cpu: null}}}]", "resource limits cannot be removed")]
    public async Task A_change_that_cannot_be_is_refused(string spec, string message)
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.ApplyAsync<Pod>(PodOf([new(20, 30, 35, 45)]));

        var refused = await Assert.ThrowsAsync<ApiException>(() => space.PatchAsync<Pod>("pod", $"spec: {{{spec}}}", "resize"));

        Assert.Equal(422, refused.Code);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_pod_may_use_as_a_whole_changes_while_it_runs()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var before = await space.PodRunsAsync(PodYaml.Web(pod: "resources: {requests: {cpu: 20m, memory: 32Mi}, limits: {cpu: 30m, memory: 48Mi}}"));

        var wanted = await space.PatchAsync<Pod>("pod", "spec: {resources: {requests: {cpu: 25m}, limits: {cpu: 40m, memory: 64Mi}}}", "resize");

        var pod = await space.WaitForAsync<Pod>(
            "pod",
            pod => pod.Status.ObservedGeneration == wanted.Metadata.Generation
                && pod.Status.Conditions.All(static condition => condition.Type is not ("PodResizePending" or "PodResizeInProgress")),
            "resized");
        Assert.True(ModelJson.Same(wanted.Spec.Resources, pod.Status.Resources));
        Assert.Equal((25, 32L << 20), (pod.Status.AllocatedResources["cpu"].MilliValue, pod.Status.AllocatedResources["memory"].ToInt64()));
        Assert.Equal(before.Status.ContainerStatuses[0].ContainerID, pod.Status.ContainerStatuses[0].ContainerID);
        // Other pods' groups come and go while they are looked through, of which find complains.
        var find = $"cat $(find /sys/fs/cgroup -path '*/pod{pod.Metadata.Uid}/memory.max' -o -path '*/pod{pod.Metadata.Uid}/memory.limit_in_bytes' 2>/dev/null)";
        var limit = await Shell.RunAsync("/bin/sh", ["-c", find], "", new Dictionary<string, string>(), Token);
        Assert.Equal((64L << 20).ToString(CultureInfo.InvariantCulture), limit.Succeeded().Trim());
    }

    [Fact]
    public async Task What_a_pod_has_as_a_whole_cannot_be_taken_from_it()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.ApplyAsync<Pod>(PodYaml.Web(pod: "resources: {requests: {cpu: 20m}, limits: {cpu: 30m}}"));

        var refused = await Assert.ThrowsAsync<ApiException>(() => space.PatchAsync<Pod>("pod", "spec: {resources: {limits: {cpu: null}}}", "resize"));

        Assert.Contains("spec.resources.limits: Forbidden: resource limits cannot be removed", refused.Message, StringComparison.Ordinal);
    }

    private async Task ResizesAndBackAsync(Amounts[] before, Amounts[] after)
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodRunsAsync(PodOf(before));
        await HasAsync(space, before, static _ => 0);

        await ResizeAsync(space, after);
        await ResizeAsync(space, before);
    }

    private static async Task ResizeAsync(TestNamespace space, Amounts[] amounts)
    {
        await space.PatchAsync<Pod>("pod", PatchOf(amounts), "resize");
        await HasAsync(space, amounts, static _ => 0);
    }

    // The status says so, no condition is left, and the kernel's figures are those.
    private static async Task HasAsync(TestNamespace space, Amounts[] expected, Func<int, int> restarts)
    {
        var generation = (await space.GetAsync<Pod>("pod")).Metadata.Generation;
        var pod = await space.WaitForAsync<Pod>(
            "pod",
            pod => pod.Status.ObservedGeneration == generation
                && pod.Status.Conditions.Any(static condition => condition is { Type: "Ready", Status: "True" })
                && pod.Status.Conditions.All(static condition => condition.Type is not ("PodResizePending" or "PodResizeInProgress"))
                && pod.Status.ContainerStatuses.Zip(pod.Spec.Containers).All(static pair => ModelJson.Same(pair.First.Resources, pair.Second.Resources)),
            "resized");
        for (var i = 0; i < expected.Length; i++)
        {
            var status = pod.Status.ContainerStatuses[i];
            Assert.Equal(restarts(i), status.RestartCount);
            Assert.Equal(expected[i].Cpu, status.AllocatedResources.TryGetValue("cpu", out var cpu) ? cpu.MilliValue : 0);
            Assert.Equal(expected[i].Memory * 1024L * 1024, status.AllocatedResources.TryGetValue("memory", out var memory) ? memory.ToInt64() : 0);
            Assert.Equal(FiguresOf(expected[i]), (await space.ExecAsync("pod", $"c{i}", "sh", "-c", ReadFigures)).Trim());
        }
    }

    private const string ReadFigures = """
        cd /sys/fs/cgroup
        if [ -e cgroup.controllers ]; then echo v2 $(cut -d' ' -f1 cpu.max) $(cat memory.max)
        else echo v1 $(cat cpu/cpu.shares cpu/cpu.cfs_quota_us memory/memory.limit_in_bytes); fi
        """;

    private static string FiguresOf(Amounts amounts)
    {
        var quota = amounts.CpuLimit == 0 ? -1 : Math.Max(amounts.CpuLimit * 100, 1000);
        var memory = amounts.MemoryLimit * 1024L * 1024;
        const string mostOfVersion1 = "9223372036854771712";
        return File.Exists("/sys/fs/cgroup/cgroup.controllers")
            ? string.Create(CultureInfo.InvariantCulture, $"v2 {(quota < 0 ? "max" : quota)} {(memory == 0 ? "max" : memory)}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"v1 {Math.Max(amounts.Cpu * 1024 / 1000, 2)} {quota} {(memory == 0 ? mostOfVersion1 : memory)}");
    }

    private static async Task<PodCondition> PendingAsync(TestNamespace space, string reason)
    {
        var pod = await space.WaitForAsync<Pod>(
            "pod", pod => pod.Status.Conditions.Any(condition => condition.Type == "PodResizePending" && condition.Reason == reason), $"{reason} to be resized");
        return pod.Status.Conditions.Single(static condition => condition.Type == "PodResizePending");
    }

    private static string PodOf(Amounts[] containers, string fields = "") => $"""
        apiVersion: v1
        kind: Pod
        metadata: {"{"}name: pod{"}"}
        spec:
          terminationGracePeriodSeconds: 0
          restartPolicy: OnFailure
          containers:
        {string.Join('\n', containers.Select((amounts, i) => $"  - {{name: c{i}, image: '{PodYaml.Image}', command: [sleep, '100000'], resources: {amounts.Yaml}{(fields.Length > 0 ? ", " + fields : "")}}}"))}
        """;

    private static string PatchOf(Amounts[] containers) =>
        $"spec: {{containers: [{string.Join(", ", containers.Select(static (amounts, i) => $"{{name: c{i}, resources: {amounts.Yaml}}}"))}]}}";
}
