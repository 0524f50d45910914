using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Storage;

/// <summary>Files of running pods follow the objects that they show.</summary>
public sealed class VolumeUpdateTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task BecomesAsync(Kubectl kubectl, StoragePod pod, string script, string wanted) =>
        Eventually.BecomesAsync(() => pod.ExecAsync(kubectl, Token, script), answer => answer.Trim() == wanted, Token);

    [Theory]
    [InlineData(ObjectVolume.ConfigMap)]
    [InlineData(ObjectVolume.Secret)]
    [InlineData(ObjectVolume.ProjectedConfigMap)]
    [InlineData(ObjectVolume.ProjectedSecret)]
    [Trait("Conformance", "configmap-volume-update")]
    [Trait("Conformance", "configmap-volume-create-update-and-delete")]
    [Trait("Conformance", "projected-volume-configmap-update")]
    [Trait("Conformance", "projected-volume-configmap-create-update-and-delete")]
    [Trait("Conformance", "projected-volume-secrets-create-update-delete")]
    [Trait("Conformance", "secrets-volume-create-update-and-delete")]
    public async Task Optional_objects_may_come_change_and_go(ObjectVolume kind)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kind.ApplyAsync(kubectl, "deleted", Token, "data-1=value-1");
        await kind.ApplyAsync(kubectl, "changed", Token, "data-1=value-1");
        const string optional = """, "optional": true""";
        var pod = new StoragePod(
            "pod",
            $"[{kind.Json("deleted", "deleted", optional)}, {kind.Json("changed", "changed", optional)}, {kind.Json("created", "created", optional)}]",
            """[{ "name": "deleted", "mountPath": "/deleted" }, { "name": "changed", "mountPath": "/changed" }, { "name": "created", "mountPath": "/created" }]""");
        await pod.StartAsync(kubectl, Token);
        Assert.Equal("value-1value-1", await pod.ExecAsync(kubectl, Token, "cat /deleted/data-1 /changed/data-1 /created/data-1 2>/dev/null || true"));

        await kubectl.RunAsync(Token, "delete", kind.Resource(), "deleted");
        await kind.ApplyAsync(kubectl, "changed", Token, "data-1=value-2", "data-2=value-3");
        await kind.ApplyAsync(kubectl, "created", Token, "data-1=value-4");

        await BecomesAsync(kubectl, pod, "ls /deleted", "");
        await BecomesAsync(kubectl, pod, "cat /changed/data-1 /changed/data-2 2>/dev/null || true", "value-2value-3");
        await BecomesAsync(kubectl, pod, "cat /created/data-1 2>/dev/null || true", "value-4");
        Assert.Equal("0", await kubectl.ReadAsync(Token, "pod", "pod", "{.status.containerStatuses[0].restartCount}"));
    }

    [Theory]
    [InlineData("metadata.labels", "label", false)]
    [InlineData("metadata.labels", "label", true)]
    [InlineData("metadata.annotations", "annotate", false)]
    [InlineData("metadata.annotations", "annotate", true)]
    [Trait("Conformance", "downwardapi-volume-update-annotations")]
    [Trait("Conformance", "downwardapi-volume-update-label")]
    [Trait("Conformance", "projected-volume-downwardapi-update-annotation")]
    [Trait("Conformance", "projected-volume-downwardapi-update-labels")]
    public async Task Labels_and_annotations_follow_the_pod(string field, string verb, bool isProjected)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var pod = new StoragePod(
            "pod", $"[{DownwardVolumeTests.Volume(isProjected, $$"""{ "path": "file", "fieldRef": { "fieldPath": "{{field}}" } }""")}]", DownwardVolumeTests.Mount)
        {
            Metadata = """
                "labels": { "key": "one" }, "annotations": { "key": "one" }
                """,
        };
        await pod.StartAsync(kubectl, Token);
        Assert.Contains("key=\"one\"", await pod.ExecAsync(kubectl, Token, "cat /volume/file"), StringComparison.Ordinal);

        await kubectl.RunAsync(Token, verb, "pod", "pod", "key=two", "--overwrite");
        await BecomesAsync(kubectl, pod, "grep ^key= /volume/file", "key=\"two\"");
    }
}
