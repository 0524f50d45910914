using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Storage.V1;

namespace Kybernet.Scheduler.Tests;

/// <summary>Pods go where their volumes are, or can be.</summary>
public sealed class VolumeTests : IDisposable
{
    private const string OnNodeOne = """
        , "nodeAffinity": { "required": { "nodeSelectorTerms": [{ "matchExpressions": [{ "key": "kubernetes.io/hostname", "operator": "In", "values": ["one"] }] }] } }
        """;

    private readonly TestWorld _world = new();

    public VolumeTests()
    {
        _world.Add(Objects.Node("one", labels: """{ "topology.kubernetes.io/zone": "a" }"""));
        _world.Add(Objects.Node("two", labels: """{ "topology.kubernetes.io/zone": "b" }"""));
        _world.Api.OnClaim = claim => _world.View.Volumes.Claims[new NamespacedName("default", claim.Metadata.Name!)] = claim;
        _world.Api.OnVolume = volume => _world.View.Volumes.All[volume.Metadata.Name!] = volume;
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_claim_that_is_not_there_is_named()
    {
        _world.Add(PodWith("pod", "missing"));
        await _world.ScheduleAsync();
        Assert.StartsWith("0/2 nodes are available: persistentvolumeclaim \"missing\" not found.", _world.MessageOf("pod"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_claim_that_is_bound_without_the_pod_is_waited_for()
    {
        Class("now", "Immediate", "example.com/disks");
        Claim("claim", "now");
        _world.Add(PodWith("pod", "claim"));
        await _world.ScheduleAsync();
        Assert.StartsWith("0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.", _world.MessageOf("pod"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_goes_where_its_volume_is()
    {
        Volume("volume", "", OnNodeOne);
        Claim("claim", "", "volume");
        for (var i = 0; i < 5; i++)
        {
            _world.Add(PodWith($"pod-{i}", "claim"));
        }
        await _world.ScheduleAsync();
        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal("one", _world.NodeOf($"pod-{i}")));
    }

    [Fact]
    public async Task A_node_that_the_volume_is_not_on_is_in_conflict()
    {
        Volume("volume", "", OnNodeOne);
        Claim("claim", "", "volume");
        _world.Add(PodWith("pod", "claim", """, "nodeSelector": { "kubernetes.io/hostname": "two" } """));
        await _world.ScheduleAsync();
        Assert.Contains("1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had volume node affinity conflict", _world.MessageOf("pod"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_volume_in_another_zone_cannot_be_used()
    {
        Volume("volume", "", labels: """{ "topology.kubernetes.io/zone": "c" }""");
        Claim("claim", "", "volume");
        _world.Add(PodWith("pod", "claim"));
        await _world.ScheduleAsync();
        Assert.Contains("2 node(s) had no available volume zone", _world.MessageOf("pod"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_waiting_claim_gets_a_free_volume_of_the_pods_node_and_no_two_claims_the_same()
    {
        Class("later", "WaitForFirstConsumer", "kubernetes.io/no-provisioner");
        Volume("volume", "later", OnNodeOne);
        Claim("first", "later");
        Claim("second", "later");
        _world.Add(PodWith("pod-1", "first"));
        _world.Add(PodWith("pod-2", "second"));
        Assert.True(_world.Scheduler.TryScheduleOne());
        Assert.True(_world.Scheduler.TryScheduleOne());
        await BindAsync("first", "volume");
        Assert.Equal("one", _world.NodeOf("pod-1"));
        Assert.Equal("first", _world.View.Volumes.All["volume"].Spec.ClaimRef!.Name);
        Assert.Equal("yes", _world.View.Volumes.All["volume"].Metadata.Annotations["pv.kubernetes.io/bound-by-controller"]);
        Assert.Contains("2 node(s) didn't find available persistent volumes to bind", _world.MessageOf("pod-2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provisioner_is_told_the_node_and_the_pod_waits_for_the_volume()
    {
        Class("later", "WaitForFirstConsumer", "example.com/disks");
        Claim("claim", "later");
        _world.Add(PodWith("pod", "claim", """, "nodeSelector": { "kubernetes.io/hostname": "two" } """));
        Assert.True(_world.Scheduler.TryScheduleOne());
        var key = new NamespacedName("default", "claim");
        await UntilAsync(() => _world.View.Volumes.Claims[key].Metadata.Annotations.GetValueOrDefault("volume.kubernetes.io/selected-node") == "two");
        Assert.Empty(_world.Api.Bound);
        Volume("made", "later");
        await BindAsync("claim", "made");
        Assert.Equal("two", _world.NodeOf("pod"));
    }

    [Fact]
    public async Task A_claim_that_is_never_bound_is_given_up_after_ten_minutes()
    {
        Class("later", "WaitForFirstConsumer", "example.com/disks");
        Claim("claim", "later");
        _world.Add(PodWith("pod", "claim"));
        Assert.True(_world.Scheduler.TryScheduleOne());
        await UntilAsync(() =>
        {
            _world.Time.Advance(TimeSpan.FromSeconds(60));
            return _world.Api.Conditions.ContainsKey("pod");
        });
        await _world.SettleAsync();
        Assert.Equal("running PreBind plugin \"VolumeBinding\": binding volumes: timed out waiting for the condition", _world.MessageOf("pod"));
    }

    [Fact]
    public async Task A_claim_for_one_pod_is_one_pods()
    {
        Volume("volume", "");
        Claim("claim", "", "volume", "ReadWriteOncePod");
        _world.Add(PodWith("first", "claim"));
        _world.Add(PodWith("second", "claim"));
        await _world.ScheduleAsync();
        Assert.Contains("2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode", _world.MessageOf("second"), StringComparison.Ordinal);
        _world.Delete("first");
        _world.Advance(TimeSpan.FromSeconds(20));
        await _world.ScheduleAsync();
        Assert.NotEmpty(_world.NodeOf("second"));
    }

    [Fact]
    public async Task A_node_takes_as_many_volumes_of_a_driver_as_the_driver_says()
    {
        foreach (var node in new[] { "one", "two" })
        {
            _world.View.Volumes.Nodes[node] = Parse<CSINode>("storage.k8s.io/v1", "CSINode", node, """
                "spec": { "drivers": [{ "name": "example.com/disks", "nodeID": "x", "allocatable": { "count": 1 } }] }
                """);
        }
        for (var i = 0; i < 3; i++)
        {
            Volume($"volume-{i}", "", source: $$"""{ "driver": "example.com/disks", "volumeHandle": "handle-{{i}}" }""");
            Claim($"claim-{i}", "", $"volume-{i}");
            _world.Add(PodWith($"pod-{i}", $"claim-{i}"));
        }
        await _world.ScheduleAsync();
        Assert.Equal(["one", "two"], new[] { _world.NodeOf("pod-0"), _world.NodeOf("pod-1") }.Order());
        Assert.Contains("2 node(s) exceed max volume count", _world.MessageOf("pod-2"), StringComparison.Ordinal);
    }

    private static Pod PodWith(string name, string claim, string more = "") =>
        Objects.Pod(name, $$"""{ "volumes": [{ "name": "data", "persistentVolumeClaim": { "claimName": "{{claim}}" } }]{{more}} }""");

    private static T Parse<T>(string version, string kind, string name, string fields)
        where T : class, IResourceObject<T>
    {
        var item = JsonNode.Parse("{" + fields + "}")!.AsObject();
        item["apiVersion"] = version;
        item["kind"] = kind;
        item["metadata"] = (item["metadata"] as JsonObject) ?? [];
        item["metadata"]!["name"] = name;
        item["metadata"]!["uid"] = "uid-" + name;
        return ModelJson.Parse<T>(item);
    }

    private void Class(string name, string mode, string provisioner) => _world.View.Volumes.Classes[name] =
        Parse<StorageClass>("storage.k8s.io/v1", "StorageClass", name, $$""" "provisioner": "{{provisioner}}", "volumeBindingMode": "{{mode}}" """);

    private void Volume(string name, string storageClass, string affinity = "", string labels = "{}", string? source = null) => _world.View.Volumes.All[name] =
        Parse<PersistentVolume>("v1", "PersistentVolume", name, $$"""
            "metadata": { "labels": {{labels}} },
            "spec": { "capacity": { "storage": "1Gi" }, "accessModes": ["ReadWriteOnce"], "storageClassName": "{{storageClass}}",
              "csi": {{source ?? "null"}} {{affinity}} },
            "status": { "phase": "Available" }
            """);

    private void Claim(string name, string storageClass, string? volume = null, string mode = "ReadWriteOnce")
    {
        var annotations = volume is null ? "{}" : """{ "pv.kubernetes.io/bind-completed": "yes" }""";
        _world.View.Volumes.Claims[new NamespacedName("default", name)] = Parse<PersistentVolumeClaim>("v1", "PersistentVolumeClaim", name, $$"""
            "metadata": { "namespace": "default", "annotations": {{annotations}} },
            "spec": { "accessModes": ["{{mode}}"], "storageClassName": "{{storageClass}}", "volumeName": "{{volume}}",
              "resources": { "requests": { "storage": "1Gi" } } },
            "status": { "phase": "Pending" }
            """);
    }

    /// <summary>Does what the binder would, and lets the scheduler see it.</summary>
    private async Task BindAsync(string claim, string volume)
    {
        var key = new NamespacedName("default", claim);
        var known = _world.View.Volumes.Claims[key];
        _world.View.Volumes.Claims[key] = known with
        {
            Metadata = known.Metadata with { Annotations = new Dictionary<string, string>(known.Metadata.Annotations) { ["pv.kubernetes.io/bind-completed"] = "yes" } },
            Spec = known.Spec with { VolumeName = volume },
        };
        await UntilAsync(() =>
        {
            _world.Time.Advance(TimeSpan.FromSeconds(1));
            return _world.Api.Bound.Count > 0;
        });
        await _world.SettleAsync();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, timeout.Token);
        }
    }
}
