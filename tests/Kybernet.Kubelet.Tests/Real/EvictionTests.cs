namespace Kybernet.Kubelet.Tests.Real;

/// <summary>Pods that the kubelet ends because they, or the node, use too much.</summary>
[Collection("real pods")]
public sealed class EvictionTests(RuntimeFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_volume_that_outgrows_its_limit_costs_its_pod_its_life()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token, static options => options with { EvictionPeriod = TimeSpan.FromMilliseconds(500) });

        await rig.CreateAsync("greedy", """
            { "containers": [ { "name": "c", "command": ["sh", "-c", "head -c 2000000 /dev/zero > /data/file; sleep 1000"], "volumeMounts": [ { "name": "data", "mountPath": "/data" } ] } ],
              "volumes": [ { "name": "data", "emptyDir": { "sizeLimit": "1Mi" } } ], "restartPolicy": "Always" }
            """, Token);

        var pod = await rig.WaitAsync("greedy", "evicted", static pod => pod.Status.Phase == "Failed", Token);
        Assert.Equal(("Evicted", "Usage of EmptyDir volume \"data\" exceeds the limit \"1Mi\". "), (pod.Status.Reason, pod.Status.Message));
        Assert.Contains(pod.Status.Conditions, static condition => condition is { Type: "DisruptionTarget", Status: "True", Reason: "TerminationByKubelet" });
        Assert.Contains(await rig.EventsAsync(Token), static one => one.StartsWith("Evicted: Usage of EmptyDir", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_short_of_memory_ends_pods_that_are_not_critical_and_says_so()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token, static options => options with
        {
            EvictionPeriod = TimeSpan.FromMilliseconds(500),
            NodeStatusPeriod = TimeSpan.FromMilliseconds(500),
            EvictionHard = new Dictionary<string, string> { ["memory.available"] = "99%" },
        });

        await rig.CreateAsync("critical", """{ "containers": [ { "name": "c", "command": ["sleep", "1000"] } ], "priority": 2000000000 }""", Token);
        // Without a request it would not be let in.
        await rig.CreateAsync("usual", """{ "containers": [ { "name": "c", "command": ["sleep", "1000"], "resources": { "requests": { "memory": "1Mi" } } } ] }""", Token);

        var pod = await rig.WaitAsync("usual", "evicted", static pod => pod.Status.Phase == "Failed", Token);
        Assert.Equal("Evicted", pod.Status.Reason);
        Assert.StartsWith("The node was low on resource: memory. Threshold quantity: ", pod.Status.Message, StringComparison.Ordinal);
        await rig.WaitReadyAsync("critical", Token);
        var node = await rig.Client.GetAsync<Api.Core.V1.Node>("", rig.Options.NodeName, Token);
        await rig.WaitEventAsync($"NodeHasInsufficientMemory: Node {rig.Options.NodeName} status is now: NodeHasInsufficientMemory", Token);
        Assert.Contains(node.Status.Conditions, static condition => condition is { Type: "MemoryPressure", Status: "True", Reason: "KubeletHasInsufficientMemory" });
    }

    [Fact]
    public async Task A_soft_threshold_evicts_after_its_grace_and_gives_pods_time_and_new_ones_are_turned_away()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        await rig.CreateAsync("polite", """
            { "containers": [ { "name": "c", "command": ["sh", "-c", "trap 'sleep 3; echo bye; exit 0' TERM; while true; do sleep 0.1; done"] } ],
              "terminationGracePeriodSeconds": 30 }
            """, Token);
        await rig.WaitReadyAsync("polite", Token);
        await rig.StopAsync();
        rig.Options = rig.Options with
        {
            EvictionPeriod = TimeSpan.FromMilliseconds(500),
            EvictionHard = new Dictionary<string, string>(),
            EvictionSoft = new Dictionary<string, string> { ["memory.available"] = "99%" },
            EvictionSoftGrace = new Dictionary<string, string> { ["memory.available"] = "1s" },
            EvictionMaxPodGrace = TimeSpan.FromSeconds(60),
        };
        rig.Start();

        var pod = await rig.WaitAsync("polite", "evicted", static pod => pod.Status.Phase == "Failed", Token);
        Assert.Equal("Evicted", pod.Status.Reason);
        Assert.Equal("bye\n", rig.ReadLog(pod, "c"));

        await rig.CreateAsync("later", """{ "containers": [ { "name": "c", "command": ["sleep", "1000"] } ] }""", Token);
        var refused = await rig.WaitAsync("later", "refused", static pod => pod.Status.Phase == "Failed", Token);
        Assert.Equal(("Evicted", "Pod was rejected: The node had condition: [MemoryPressure]. "), (refused.Status.Reason, refused.Status.Message));
        Assert.Empty(await rig.Runtime.ListSandboxesAsync(refused.Metadata.Uid, Token));
    }

    [Fact]
    public async Task Containers_that_together_keep_more_than_they_may_cost_their_pod_its_life()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token, static options => options with { EvictionPeriod = TimeSpan.FromMilliseconds(500) });

        await rig.CreateAsync("hoarder", """
            { "containers": [ { "name": "c", "command": ["sh", "-c", "head -c 3000000 /dev/zero > /data/file; sleep 1000"],
                "resources": { "limits": { "ephemeral-storage": "2Mi" } }, "volumeMounts": [ { "name": "data", "mountPath": "/data" } ] } ],
              "volumes": [ { "name": "data", "emptyDir": {} } ] }
            """, Token);

        var pod = await rig.WaitAsync("hoarder", "evicted", static pod => pod.Status.Phase == "Failed", Token);
        Assert.Equal("Pod ephemeral local storage usage exceeds the total limit of containers 2Mi. ", pod.Status.Message);
    }

    [Fact]
    public async Task A_fork_bomb_stays_within_its_pods_limit()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token, static options => options with { PodPidsLimit = 30 });

        await rig.CreateAsync("bomb", """
            { "containers": [ { "name": "c", "command": ["sh", "-c", "i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i+1)); done; sleep 1000"] } ], "restartPolicy": "Never" }
            """, Token);

        var pod = await rig.WaitAsync("bomb", "ended", static pod => pod.Status.Phase == "Failed", Token);
        Assert.Contains("can't fork", rig.ReadLog(pod, "c"), StringComparison.Ordinal);
    }
}
