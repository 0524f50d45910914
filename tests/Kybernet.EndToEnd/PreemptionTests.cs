using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>Who gets a place on a full node. What is scarce is a resource that each test makes up for itself, so that tests do not meet.</summary>
public sealed class PreemptionTests(ClusterFixture cluster)
{
    private const string Image = "kybernet.local/web:1.0";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "verify-the-disruptiontarget-condition-is-added-to-the-preempted-pod")]
    public async Task A_pod_that_has_to_give_way_is_told_why_before_it_goes()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await using var scarce = await ScarceAsync(kubectl, 1);
        await ClassAsync(kubectl, 10);
        await ClassAsync(kubectl, 20);
        await CreateAsync(kubectl, "low", scarce, Name(kubectl, 10), finalizer: "example.com/hold");
        await RunningAsync(kubectl, "low");

        await CreateAsync(kubectl, "high", scarce, Name(kubectl, 20));

        var told = await Eventually.BecomesAsync(
            () => kubectl.ReadAsync(Token, "pod", "low", "{.status.conditions[?(@.type=='DisruptionTarget')].status} {.status.conditions[?(@.type=='DisruptionTarget')].reason}"),
            static condition => condition.Trim().Length > 0, Token);
        Assert.Equal("True PreemptionByScheduler", told);
        await kubectl.RunAsync(Token, "patch", "pod", "low", "--type=merge", "-p", """{"metadata":{"finalizers":null}}""");
        await RunningAsync(kubectl, "high");
    }

    [Fact]
    [Trait("Conformance", "scheduler-preemption-for-critical-pod")]
    public async Task A_pod_that_the_cluster_cannot_do_without_gets_a_place()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await using var scarce = await ScarceAsync(kubectl, 1);
        await ClassAsync(kubectl, 10);
        await CreateAsync(kubectl, "low", scarce, Name(kubectl, 10));
        await RunningAsync(kubectl, "low");
        var critical = $"critical-{kubectl.Namespace}";
        try
        {
            await CreateAsync(kubectl, critical, scarce, "system-cluster-critical", @namespace: "kube-system");

            await Eventually.BecomesAsync(
                () => kubectl.RunAsync(Token, "get", "pod", critical, "--namespace=kube-system", "-o", "jsonpath={.status.phase}"), static phase => phase == "Running", Token);
            Assert.Empty(await kubectl.RunAsync(Token, "get", "pod", "low", "--ignore-not-found", "-o", "name"));
        }
        finally
        {
            await kubectl.RunAsync(CancellationToken.None, "delete", "pod", critical, "--namespace=kube-system", "--grace-period=0", "--force", "--ignore-not-found");
        }
    }

    [Fact]
    [Trait("Conformance", "pod-preemption-verification")]
    public async Task Only_as_many_of_the_least_important_give_way_as_have_to()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await using var scarce = await ScarceAsync(kubectl, 5);
        foreach (var priority in (int[])[10, 20, 30])
        {
            await ClassAsync(kubectl, priority);
        }
        await ReplicaSetAsync(kubectl, 10, 3, scarce);
        await ReplicaSetAsync(kubectl, 20, 2, scarce);
        await ReadyAsync(kubectl, 10, 3);
        await ReadyAsync(kubectl, 20, 2);
        var middle = await UidsAsync(kubectl, 20);

        await ReplicaSetAsync(kubectl, 30, 2, scarce);

        await ReadyAsync(kubectl, 30, 2);
        await ReadyAsync(kubectl, 10, 1);
        Assert.Equal(middle, await UidsAsync(kubectl, 20));
    }

    [Fact]
    [Trait("Conformance", "scheduler-node-selector-matching")]
    public async Task A_pod_lands_on_the_node_that_it_selects()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var node = await NodeAsync(kubectl);
        var label = $"example.com/{kubectl.Namespace}";
        await kubectl.RunAsync(Token, "label", "node", node, $"{label}=42");
        try
        {
            await kubectl.RunAsync(
                Token, "run", "one", "--image", Image, "--overrides", $$"""{"spec":{"nodeSelector":{"{{label}}":"42"} } }""");
            await RunningAsync(kubectl, "one");
            Assert.Equal(node, await kubectl.ReadAsync(Token, "pod", "one", "{.spec.nodeName}"));
        }
        finally
        {
            await kubectl.RunAsync(CancellationToken.None, "label", "node", node, $"{label}-");
        }
    }

    private static string Name(Kubectl kubectl, int priority) => $"p{priority}-{kubectl.Namespace}";

    private static async Task ClassAsync(Kubectl kubectl, int priority) =>
        await kubectl.RunAsync(Token, "create", "priorityclass", Name(kubectl, priority), $"--value={priority}");

    private static Task<string> NodeAsync(Kubectl kubectl) => kubectl.RunAsync(Token, "get", "nodes", "-o", "jsonpath={.items[0].metadata.name}");

    private static async Task<Scarcity> ScarceAsync(Kubectl kubectl, int count)
    {
        var scarce = new Scarcity(kubectl, await NodeAsync(kubectl), $"example.com/{kubectl.Namespace}");
        await scarce.SetAsync($"\"{count}\"", Token);
        return scarce;
    }

    private static Task RunningAsync(Kubectl kubectl, string pod) =>
        Eventually.BecomesAsync(() => kubectl.ReadAsync(Token, "pod", pod, "{.status.phase}"), static phase => phase == "Running", Token);

    private static async Task CreateAsync(Kubectl kubectl, string name, Scarcity scarce, string priorityClass, string finalizer = "", string @namespace = "")
    {
        var finalizers = finalizer.Length == 0 ? "[]" : $"[\"{finalizer}\"]";
        var manifest = $$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"{{{(@namespace.Length == 0 ? kubectl.Namespace : @namespace)}}}","finalizers":{{{finalizers}}} },
             "spec":{{{Spec(scarce, priorityClass)}}} }
            """;
        (await kubectl.FeedAsync(manifest, Token, @namespace.Length == 0 ? ["create", "-f", "-"] : ["create", "-f", "-", "--namespace", @namespace])).Succeeded();
    }

    private static async Task ReplicaSetAsync(Kubectl kubectl, int priority, int replicas, Scarcity scarce)
    {
        var manifest = $$$"""
            {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"p{{{priority}}}"},
             "spec":{"replicas":{{{replicas}}},"selector":{"matchLabels":{"p":"{{{priority}}}"} },
                     "template":{"metadata":{"labels":{"p":"{{{priority}}}"} },"spec":{{{Spec(scarce, Name(kubectl, priority))}}} } } }
            """;
        (await kubectl.FeedAsync(manifest, Token, "create", "-f", "-")).Succeeded();
    }

    private static string Spec(Scarcity scarce, string priorityClass) => $$$"""
        {"priorityClassName":"{{{priorityClass}}}","terminationGracePeriodSeconds":1,
         "containers":[{"name":"c","image":"{{{Image}}}","command":["sleep","1000"],"resources":{"limits":{"{{{scarce.Resource}}}":"1"} } }]}
        """;

    private static Task ReadyAsync(Kubectl kubectl, int priority, int count) => Eventually.BecomesAsync(
        () => kubectl.ReadAsync(Token, "replicaset", $"p{priority}", "{.status.readyReplicas}"), ready => ready == $"{count}", Token);

    private static async Task<string[]> UidsAsync(Kubectl kubectl, int priority) =>
        [.. (await kubectl.RunAsync(Token, "get", "pods", "-l", $"p={priority}", "-o", "jsonpath={.items[*].metadata.uid}")).Split(' ').Order(StringComparer.Ordinal)];

    /// <summary>A resource that the node has, until this is disposed of.</summary>
    private sealed class Scarcity(Kubectl kubectl, string node, string resource) : IAsyncDisposable
    {
        public string Resource => resource;

        public Task SetAsync(string quantity, CancellationToken cancellationToken) => kubectl.RunAsync(
            cancellationToken, "patch", "node", node, "--subresource=status", "--type=merge", "-p",
            $$$"""{"status":{"capacity":{"{{{resource}}}":{{{quantity}}} },"allocatable":{"{{{resource}}}":{{{quantity}}} } } }""");

        public async ValueTask DisposeAsync() => await SetAsync("null", CancellationToken.None);
    }
}
