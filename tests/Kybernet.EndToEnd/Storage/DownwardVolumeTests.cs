using System.Globalization;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Storage;

/// <summary>Files that show a pod itself: fields and resources.</summary>
public sealed class DownwardVolumeTests(ClusterFixture cluster)
{
    internal const string Mount = """[{ "name": "volume", "mountPath": "/volume" }]""";

    private const string Limited = """{ "requests": { "cpu": "250m", "memory": "32Mi" }, "limits": { "cpu": "1250m", "memory": "64Mi" } }""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The item's reference, the container's resources, and what the file must hold; each as a volume of its own and projected.</summary>
    public static IEnumerable<TheoryDataRow<bool, string, string, string>> Items
    {
        get
        {
            foreach (var isProjected in (bool[])[false, true])
            {
                yield return new(isProjected, Field("metadata.name"), "{}", "pod");
                yield return new(isProjected, Resource("limits.cpu", "1m"), Limited, "1250");
                yield return new(isProjected, Resource("requests.cpu", "1m"), Limited, "250");
                yield return new(isProjected, Resource("limits.memory", "1Mi"), Limited, "64");
                yield return new(isProjected, Resource("requests.memory", "1Mi"), Limited, "32");
                yield return new(isProjected, Resource("limits.cpu", "1"), Limited, "2");
            }
        }
    }

    internal static string Volume(bool isProjected, string item, string mode = "") => isProjected
        ? $$"""{ "name": "volume", "projected": { "sources": [{ "downwardAPI": { "items": [{{item}}] } }]{{mode}} } }"""
        : $$"""{ "name": "volume", "downwardAPI": { "items": [{{item}}]{{mode}} } }""";

    private static string Field(string path) => $$"""{ "path": "file", "fieldRef": { "fieldPath": "{{path}}" } }""";

    private static string Resource(string resource, string divisor) =>
        $$"""{ "path": "file", "resourceFieldRef": { "containerName": "main", "resource": "{{resource}}", "divisor": "{{divisor}}" } }""";

    [Theory]
    [MemberData(nameof(Items))]
    [Trait("Conformance", "downwardapi-volume-cpu-limits")]
    [Trait("Conformance", "downwardapi-volume-cpu-request")]
    [Trait("Conformance", "downwardapi-volume-memory-limits")]
    [Trait("Conformance", "downwardapi-volume-memory-request")]
    [Trait("Conformance", "downwardapi-volume-pod-name")]
    [Trait("Conformance", "projected-volume-downwardapi-cpu-limits")]
    [Trait("Conformance", "projected-volume-downwardapi-cpu-request")]
    [Trait("Conformance", "projected-volume-downwardapi-memory-limits")]
    [Trait("Conformance", "projected-volume-downwardapi-memory-request")]
    [Trait("Conformance", "projected-volume-downwardapi-pod-name")]
    public async Task A_file_shows_the_pods_field(bool isProjected, string item, string resources, string wanted)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var pod = new StoragePod("pod", $"[{Volume(isProjected, item)}]", Mount) { Script = "cat /volume/file", Resources = resources };

        Assert.Equal(wanted, await pod.OutputAsync(kubectl, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "downwardapi-volume-cpu-limit-default-node-allocatable")]
    [Trait("Conformance", "downwardapi-volume-memory-limit-default-node-allocatable")]
    [Trait("Conformance", "projected-volume-downwardapi-cpu-limit-node-allocatable")]
    [Trait("Conformance", "projected-volume-downwardapi-memory-limit-node-allocatable")]
    public async Task What_is_not_limited_is_limited_by_what_the_node_can_give(bool isProjected)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var items = $"{Resource("limits.cpu", "1")}, {Resource("limits.memory", "1").Replace("\"file\"", "\"memory\"", StringComparison.Ordinal)}";
        var pod = new StoragePod("pod", $"[{Volume(isProjected, items)}]", Mount) { Script = "cat /volume/file; echo; cat /volume/memory" };
        var node = (await kubectl.RunAsync(Token, "get", "nodes", "-o", "jsonpath={.items[0].status.allocatable.cpu} {.items[0].status.allocatable.memory}")).Split(' ');
        var memory = long.Parse(node[1].Replace("Ki", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;

        Assert.Equal($"{node[0]}\n{memory}", await pod.OutputAsync(kubectl, Token));
    }

    [Theory]
    [InlineData(false, """, "defaultMode": 256""", "")]
    [InlineData(true, """, "defaultMode": 256""", "")]
    [InlineData(false, "", """, "mode": 256""")]
    [InlineData(true, "", """, "mode": 256""")]
    [Trait("Conformance", "downwardapi-volume-volume-mode-0400")]
    [Trait("Conformance", "downwardapi-volume-file-mode-0400")]
    [Trait("Conformance", "projected-volume-downwardapi-volume-mode-0400-default-mode")]
    [Trait("Conformance", "projected-volume-downwardapi-volume-mode-0400-item-mode")]
    public async Task A_file_has_the_volumes_mode_or_its_own(bool isProjected, string volumeMode, string itemMode)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var item = $$"""{ "path": "file", "fieldRef": { "fieldPath": "metadata.name" }{{itemMode}} }""";
        var pod = new StoragePod("pod", $"[{Volume(isProjected, item, volumeMode)}]", Mount) { Script = "stat -L -c %a /volume/file" };

        Assert.Equal("400\n", await pod.OutputAsync(kubectl, Token));
    }
}
