using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Storage;

/// <summary>Parts of volumes.</summary>
public sealed class SubPathTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Mount(string subPath, string path = "/part") => $$"""[{ "name": "volume", "mountPath": "{{path}}", "subPath": "{{subPath}}" }]""";

    [Theory]
    [InlineData(ObjectVolume.ConfigMap)]
    [InlineData(ObjectVolume.Secret)]
    [InlineData(ObjectVolume.ProjectedConfigMap)]
    [Trait("Conformance", "subpath-reading-content-from-a-configmap-volume-subpath")]
    [Trait("Conformance", "subpath-reading-content-from-a-projected-volume")]
    [Trait("Conformance", "subpath-reading-content-from-a-secret-volume")]
    public async Task A_key_of_an_object_can_be_mounted_alone(ObjectVolume kind)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kind.ApplyAsync(kubectl, "source", Token, "data-1=value-1");
        var pod = new StoragePod("pod", $"[{kind.Json("volume", "source")}]", Mount("data-1")) { Script = "cat /part" };

        Assert.Equal("value-1", await pod.OutputAsync(kubectl, Token));
    }

    [Fact]
    [Trait("Conformance", "subpath-reading-content-from-a-configmap-volume-existing-file")]
    public async Task A_key_can_cover_a_file_of_the_image()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await ObjectVolume.ConfigMap.ApplyAsync(kubectl, "source", Token, "data-1=value-1");
        var pod = new StoragePod("pod", $"[{ObjectVolume.ConfigMap.Json("volume", "source")}]", Mount("data-1", "/bin/web")) { Script = "cat /bin/web" };

        Assert.Equal("value-1", await pod.OutputAsync(kubectl, Token));
    }

    [Fact]
    [Trait("Conformance", "subpath-reading-content-from-a-downwardapi-volume")]
    public async Task A_downward_file_can_be_mounted_alone()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var volume = DownwardVolumeTests.Volume(false, """{ "path": "folder/file", "fieldRef": { "fieldPath": "metadata.name" } }""");
        var pod = new StoragePod("pod", $"[{volume}]", Mount("folder/file")) { Script = "cat /part" };

        Assert.Equal("pod", await pod.OutputAsync(kubectl, Token));
    }

    [Fact]
    [Trait("Conformance", "volumesubpathenvexpansion-subpath-expansion")]
    public async Task A_missing_folder_is_made_and_a_path_can_come_from_the_environment()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        const string mounts = """
            [{ "name": "volume", "mountPath": "/part", "subPathExpr": "logs/$(POD)" }, { "name": "volume", "mountPath": "/whole" }]
            """;
        var pod = new StoragePod("pod", """[{ "name": "volume", "emptyDir": {} }]""", mounts)
        {
            Environment = """[{ "name": "POD", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }]""",
            Script = "echo here > /part/file; cat /whole/logs/pod/file; stat -c %a /whole/logs",
        };

        Assert.Equal("here\n777\n", await pod.OutputAsync(kubectl, Token));
    }

    [Theory]
    [InlineData("/tmp", "error SubPath `/tmp` must not be an absolute path")]
    [InlineData("..", "unable to provision SubPath `..`: must not contain '..'")]
    [Trait("Conformance", "volumesubpathenvexpansion-subpath-with-absolute-path")]
    [Trait("Conformance", "volumesubpathenvexpansion-subpath-with-backticks")]
    public async Task A_path_from_the_environment_must_stay_inside_the_volume(string value, string expected)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var pod = new StoragePod("pod", """[{ "name": "volume", "emptyDir": {} }]""", Expanded("$(PART)"))
        {
            Environment = $$"""[{ "name": "PART", "value": "{{value}}" }]""",
        };

        await pod.CreateAsync(kubectl, Token);

        Assert.Contains(expected, await ConfigErrorAsync(kubectl), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "volumesubpathenvexpansion-subpath-ready-from-failed-state")]
    public async Task A_container_starts_once_its_path_is_put_right()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var pod = Annotated("notmysubpath", "true");
        await pod.CreateAsync(kubectl, Token);
        await ConfigErrorAsync(kubectl);

        await kubectl.RunAsync(Token, "annotate", "pod", "pod", "mysubpath=mypath");

        await kubectl.RunAsync(Token, "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/pod", "--timeout=60s");
    }

    [Fact]
    [Trait("Conformance", "volumesubpathenvexpansion-subpath-test-writes")]
    public async Task What_a_path_was_expanded_to_stays_for_the_containers_life()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var pod = Annotated("mysubpath", new StoragePod("", "", "").Script);
        await pod.StartAsync(kubectl, Token);

        await pod.ExecAsync(kubectl, Token, "touch /part/test.log");
        await kubectl.RunAsync(Token, "annotate", "--overwrite", "pod", "pod", "mysubpath=mynewpath");

        Assert.Equal("/whole/mypath/pod/test.log\n", await pod.ExecAsync(kubectl, Token, "find /whole -type f"));
        await kubectl.RunAsync(Token, "delete", "pod", "pod", "--timeout=60s");
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("../../../../../../../etc")]
    public async Task A_link_out_of_the_volume_is_not_followed(string target)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var manifest = $$"""
            {
              "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "pod" },
              "spec": {
                "restartPolicy": "Never",
                "initContainers": [{ "name": "linker", "image": "kybernet.local/web:1.0", "command": ["ln", "-s", "{{target}}", "/volume/way"],
                  "volumeMounts": [{ "name": "volume", "mountPath": "/volume" }] }],
                "containers": [{ "name": "main", "image": "kybernet.local/web:1.0", "command": ["ls", "/part"],
                  "volumeMounts": [{ "name": "volume", "mountPath": "/part", "subPath": "way" }] }],
                "volumes": [{ "name": "volume", "emptyDir": {} }]
              }
            }
            """;
        (await kubectl.FeedAsync(manifest, Token, "apply", "-f", "-")).Succeeded();

        Assert.Contains("failed to prepare subPath for volumeMount \"way\"", await ConfigErrorAsync(kubectl), StringComparison.Ordinal);
    }

    private static string Expanded(string expression) =>
        $$"""[{ "name": "volume", "mountPath": "/part", "subPathExpr": "{{expression}}" }, { "name": "volume", "mountPath": "/whole" }]""";

    // A pod whose path comes from an annotation: without it the path begins with a slash.
    private static StoragePod Annotated(string annotation, string script) =>
        new("pod", """[{ "name": "volume", "emptyDir": {} }]""", Expanded("$(PART)/$(POD)"))
        {
            Environment = """
                [{ "name": "PART", "valueFrom": { "fieldRef": { "fieldPath": "metadata.annotations['mysubpath']" } } },
                 { "name": "POD", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }]
                """,
            Metadata = $$"""
                "annotations": { "{{annotation}}": "mypath" }
                """,
            Script = script,
        };

    private static Task<string> ConfigErrorAsync(Kubectl kubectl) => Eventually.BecomesAsync(
        () => kubectl.ReadAsync(Token, "pod", "pod", "{.status.containerStatuses[0].state.waiting.reason} {.status.containerStatuses[0].state.waiting.message}"),
        static reason => reason.StartsWith("CreateContainerConfigError", StringComparison.Ordinal),
        Token);
}
