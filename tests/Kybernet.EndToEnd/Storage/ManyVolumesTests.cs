using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Storage;

/// <summary>Many volumes at once.</summary>
public sealed class ManyVolumesTests(ClusterFixture cluster)
{
    private const int Volumes = 50;
    private const int Pods = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "emptydir-wrapper-volume-configmap-volumes-no-race")]
    public async Task Pods_with_fifty_volumes_each_start_side_by_side()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var maps = string.Join(",", Enumerable.Range(0, Volumes).Select(static i =>
            $$"""{ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "map-{{i}}" }, "data": { "data-1": "{{i}}\n" } }"""));
        (await kubectl.FeedAsync($$"""{ "apiVersion": "v1", "kind": "List", "items": [{{maps}}] }""", Token, "create", "-f", "-")).Succeeded();
        var volumes = string.Join(",", Enumerable.Range(0, Volumes).Select(static i => ObjectVolume.ConfigMap.Json($"volume-{i}", $"map-{i}")));
        var mounts = string.Join(",", Enumerable.Range(0, Volumes).Select(static i => $$"""{ "name": "volume-{{i}}", "mountPath": "/volumes/{{i}}" }"""));
        var pods = Enumerable.Range(0, Pods).Select(i =>
            new StoragePod($"pod-{i}", $"[{volumes}]", $"[{mounts}]") { Script = "cat /volumes/*/data-1 | sort -n | uniq | wc -l" });

        var outputs = await Task.WhenAll(pods.Select(pod => pod.OutputAsync(kubectl, Token)));
        Assert.All(outputs, static output => Assert.Equal(Volumes, int.Parse(output, null)));
    }

    [Fact]
    [Trait("Conformance", "emptydir-wrapper-volume-secret-and-configmap-volumes-no-conflict")]
    public async Task A_Secret_and_a_ConfigMap_do_not_disturb_each_other()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await ObjectVolume.Secret.ApplyAsync(kubectl, "same", Token, "data-1=hidden");
        await ObjectVolume.ConfigMap.ApplyAsync(kubectl, "same", Token, "data-1=shown");
        var pod = new StoragePod(
            "pod",
            $"[{ObjectVolume.Secret.Json("secret", "same")}, {ObjectVolume.ConfigMap.Json("map", "same")}]",
            """[{ "name": "secret", "mountPath": "/secret" }, { "name": "map", "mountPath": "/map" }]""")
        {
            Script = "cat /secret/data-1 /map/data-1",
        };

        Assert.Equal("hiddenshown", await pod.OutputAsync(kubectl, Token));
    }
}
