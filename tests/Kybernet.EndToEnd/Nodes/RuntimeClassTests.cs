using Kybernet.Api.Core.V1;
using Kybernet.Api.Node.V1;
using Kybernet.Client;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>Pods that choose how they are run.</summary>
public sealed class RuntimeClassTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "can-schedule-a-pod-requesting-existing-runtimeclass")]
    public async Task A_pod_is_run_by_the_handler_of_its_class()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await using var named = await MakeAsync(space, "runc", "");

        Assert.Equal("here\n", await space.PodSucceedsAsync(PodYaml.Script("echo here", "", $"runtimeClassName: {named.Name}")));

        Assert.Empty((await space.GetAsync<Pod>("pod")).Spec.Overhead);
    }

    [Fact]
    public async Task A_handler_that_the_runtime_does_not_have_is_told()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await using var named = await MakeAsync(space, "nowhere", "");

        await space.ApplyAsync<Pod>(PodYaml.Script("true", "", $"runtimeClassName: {named.Name}"));

        var told = await space.WaitForEventAsync("pod", "FailedCreatePodSandBox");
        Assert.Contains("no runtime for \"nowhere\" is configured", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "pod-with-the-non-existing-runtimeclass-is-rejected")]
    [Trait("Conformance", "pod-with-the-deleted-runtimeclass-is-rejected")]
    public async Task A_class_that_is_not_there_or_not_any_more_is_refused()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        string name;
        await using (var deleted = await MakeAsync(space, "runc", ""))
        {
            name = deleted.Name;
        }

        foreach (var missing in new[] { name, "never-was" })
        {
            var refused = await Assert.ThrowsAsync<ApiException>(
                () => space.ApplyAsync<Pod>(PodYaml.Script("true", "", $"runtimeClassName: {missing}")));
            Assert.Equal((403, $"pods \"pod\" is forbidden: pod rejected: RuntimeClass \"{missing}\" not found"), (refused.Code, refused.Message));
        }
    }

    [Fact]
    [Trait("Conformance", "runtimeclass-overhead-field-must-be-respected")]
    public async Task What_a_class_costs_comes_on_top_of_what_its_pods_ask_for()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await using var light = await MakeAsync(space, "runc", "overhead: {podFixed: {cpu: 10m, memory: 1Mi}}");
        await using var heavy = await MakeAsync(space, "runc", "overhead: {podFixed: {cpu: '1000'}}");

        var pod = await space.PodRunsAsync(PodYaml.Web("", $"runtimeClassName: {light.Name}"));
        Assert.Equal((10, 1 << 20), (pod.Spec.Overhead["cpu"].MilliValue, pod.Spec.Overhead["memory"].ToInt64()));

        await space.ApplyAsync<Pod>(PodYaml.Web("", $"runtimeClassName: {heavy.Name}", "large"));
        Assert.Contains("Insufficient cpu", (await space.WaitForEventAsync("large", "FailedScheduling")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_a_class_can_run_its_pods_go()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await using var elsewhere = await MakeAsync(
            space, "runc", "scheduling: {nodeSelector: {place: elsewhere}, tolerations: [{key: place, operator: Exists}]}");

        var pod = await space.ApplyAsync<Pod>(PodYaml.Web("", $"runtimeClassName: {elsewhere.Name}\ntolerations: [{{key: place, operator: Equal, value: x}}]"));

        Assert.Equal("elsewhere", pod.Spec.NodeSelector["place"]);
        Assert.Single(pod.Spec.Tolerations, static toleration => toleration.Key == "place");
        await space.WaitForEventAsync("pod", "FailedScheduling");
        var refused = await Assert.ThrowsAsync<ApiException>(
            () => space.ApplyAsync<Pod>(PodYaml.Web("", $"runtimeClassName: {elsewhere.Name}\nnodeSelector: {{place: here}}", "torn")));
        Assert.Contains(
            "conflict: runtimeClass.scheduling.nodeSelector[place] = elsewhere; pod.spec.nodeSelector[place] = here", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "runtimeclass-api")]
    public async Task Classes_are_served_with_every_verb()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var resources = await space.Kubectl.RunAsync(Token, "api-resources", "--api-group=node.k8s.io", "-o", "wide");
        Assert.Matches(@"(?m)^runtimeclasses\s+node\.k8s\.io/v1\s+false\s+RuntimeClass\s+create,delete,deletecollection,get,list,patch,update,watch\s*$", resources);

        await using var first = await MakeAsync(space, "runc", "");
        await using var second = await MakeAsync(space, "runc", "");
        var selection = $"test={space.Name}";
        var listed = await space.Client.Transport.ListAsync(
            new ApiCall(HttpMethod.Get, $"{ResourcePath.Of<RuntimeClass>("")}?labelSelector={selection}"), Token);
        Assert.Equal(new[] { first.Name, second.Name }.Order(), listed.Items.Select(static item => item.Header.Name));

        var patched = await space.PatchAsync<RuntimeClass>(first.Name, "metadata: {annotations: {patched: 'true'}}");
        var updated = await space.Client.UpdateAsync(
            patched with { Metadata = patched.Metadata with { Annotations = new Dictionary<string, string> { ["updated"] = "true" } } }, Token);
        Assert.Equal("true", updated.Metadata.Annotations["updated"]);
        var refused = await Assert.ThrowsAsync<ApiException>(() => space.Client.UpdateAsync(updated with { Handler = "other" }, Token));
        Assert.Equal(422, refused.Code);

        ApiClient.ThrowIfFailed(await space.Client.Transport.SendAsync(
            new ApiCall(HttpMethod.Delete, $"{ResourcePath.Of<RuntimeClass>("")}?labelSelector={selection}"), Token));
        Assert.Empty(await space.ListAsync<RuntimeClass>(selection));

        var events = new List<ObjectEventType>();
        await foreach (var one in space.Client.Transport.WatchAsync(
            new ApiCall(HttpMethod.Get, $"{ResourcePath.Of<RuntimeClass>("")}?watch=true&labelSelector={selection}&resourceVersion={listed.ResourceVersion}"), Token))
        {
            events.Add(one.Type);
            if (events.Count(static type => type == ObjectEventType.Deleted) == 2)
            {
                break;
            }
        }
        Assert.Equal([ObjectEventType.Modified, ObjectEventType.Modified, ObjectEventType.Deleted, ObjectEventType.Deleted], events);
    }

    private static async Task<NamedClass> MakeAsync(TestNamespace space, string handler, string fields)
    {
        var made = await space.ApplyAsync<RuntimeClass>($"""
            apiVersion: node.k8s.io/v1
            kind: RuntimeClass
            metadata: {"{"}generateName: {space.Name}-, labels: {"{"}test: {space.Name}{"}"}{"}"}
            handler: {handler}
            {fields}
            """);
        return new NamedClass(space, made.Metadata.Name!);
    }

    /// <summary>A class, which belongs to no namespace, for as long as a test runs.</summary>
    private sealed record NamedClass(TestNamespace Space, string Name) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Space.DeleteAsync<RuntimeClass>(Name);
    }
}
