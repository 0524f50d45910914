using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Storage;

/// <summary>Keys of ConfigMaps and Secrets as files: which there are, what is in them and who may read them.</summary>
public sealed class ObjectVolumeTests(ClusterFixture cluster)
{
    private const string Mount = """[{ "name": "volume", "mountPath": "/volume" }]""";
    private const string Mapped = """, "items": [{ "key": "data-1", "path": "path/to/file" }]""";
    private const string MappedPrivate = """, "items": [{ "key": "data-1", "path": "path/to/file", "mode": 256 }]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IEnumerable<ObjectVolume> Kinds => Enum.GetValues<ObjectVolume>();

    /// <summary>The kind, the items, the default mode, the security context; then the file, and its content and mode as they must be.</summary>
    public static IEnumerable<TheoryDataRow<ObjectVolume, string, string, string, string, string>> Cases => Kinds.SelectMany(static kind =>
        (TheoryDataRow<ObjectVolume, string, string, string, string, string>[])
        [
            new(kind, "", "", "{}", "data-1", "value-1 644"),
            new(kind, "", "0400", "{}", "data-1", "value-1 400"),
            new(kind, Mapped, "", "{}", "path/to/file", "value-1 644"),
            new(kind, MappedPrivate, "", "{}", "path/to/file", "value-1 400"),
            new(kind, "", "", StoragePod.NonRoot, "data-1", "value-1 644"),
            new(kind, Mapped, "", StoragePod.NonRoot, "path/to/file", "value-1 644"),
            new(kind, "", "0440", """{ "runAsUser": 1000, "fsGroup": 1001 }""", "data-1", "value-1 440"),
        ]);

    public static IEnumerable<TheoryDataRow<ObjectVolume>> All => Kinds.Select(static kind => new TheoryDataRow<ObjectVolume>(kind));

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Conformance", "configmap-volume-without-mapping")]
    [Trait("Conformance", "configmap-volume-without-mapping-volume-mode-set")]
    [Trait("Conformance", "configmap-volume-without-mapping-non-root-user")]
    [Trait("Conformance", "configmap-volume-with-mapping")]
    [Trait("Conformance", "configmap-volume-with-mapping-volume-mode-set")]
    [Trait("Conformance", "configmap-volume-with-mapping-non-root-user")]
    [Trait("Conformance", "projected-volume-configmap-volume-mode-default")]
    [Trait("Conformance", "projected-volume-configmap-non-root-user")]
    [Trait("Conformance", "projected-volume-configmap-volume-mode-0400")]
    [Trait("Conformance", "projected-volume-configmap-mapped")]
    [Trait("Conformance", "projected-volume-configmap-mapped-volume-mode-0400")]
    [Trait("Conformance", "projected-volume-configmap-mapped-non-root-user")]
    [Trait("Conformance", "projected-volume-secrets-volume-mode-default")]
    [Trait("Conformance", "project-volume-secrets-non-root-custom-fsgroup")]
    [Trait("Conformance", "projected-volume-secrets-volume-mode-0400")]
    [Trait("Conformance", "projected-volume-secrets-mapped")]
    [Trait("Conformance", "projected-volume-secrets-mapped-volume-mode-0400")]
    [Trait("Conformance", "secrets-volume-default")]
    [Trait("Conformance", "secrets-volume-volume-mode-0440-fsgroup-1001-and-uid-1000")]
    [Trait("Conformance", "secrets-volume-volume-mode-0400")]
    [Trait("Conformance", "secrets-volume-mapping")]
    [Trait("Conformance", "secrets-volume-mapping-volume-mode-0400")]
    public async Task A_key_is_a_file_of_the_wanted_name_and_mode(
        ObjectVolume kind, string items, string mode, string securityContext, string file, string contentAndMode)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kind.ApplyAsync(kubectl, "source", Token, "data-1=value-1");
        var pod = new StoragePod("pod", $"[{kind.Json("volume", "source", items, mode)}]", Mount)
        {
            Script = $"echo $(cat /volume/{file}) $(stat -L -c %a /volume/{file}); cd /volume; find . -type l -maxdepth 1 ! -name '..*' | wc -l",
            SecurityContext = securityContext,
        };

        Assert.Equal($"{contentAndMode}\n1\n", await pod.OutputAsync(kubectl, Token));
    }

    [Theory]
    [MemberData(nameof(All))]
    [Trait("Conformance", "configmap-volume-multiple-volume-maps")]
    [Trait("Conformance", "projected-volume-configmap-multiple-volume-paths")]
    [Trait("Conformance", "projected-volume-secrets-mapped-multiple-paths")]
    [Trait("Conformance", "secrets-volume-mapping-multiple-volume-paths")]
    public async Task One_object_can_be_in_several_volumes_of_a_pod(ObjectVolume kind)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kind.ApplyAsync(kubectl, "source", Token, "data-1=value-1");
        var pod = new StoragePod(
            "pod",
            $"[{kind.Json("one", "source")}, {kind.Json("two", "source", Mapped)}]",
            """[{ "name": "one", "mountPath": "/one", "readOnly": true }, { "name": "two", "mountPath": "/two", "readOnly": true }]""")
        {
            Script = "cat /one/data-1 /two/path/to/file",
        };

        Assert.Equal("value-1value-1", await pod.OutputAsync(kubectl, Token));
    }

    [Fact]
    [Trait("Conformance", "configmap-volume-text-data-binary-data")]
    public async Task Text_and_bytes_of_one_ConfigMap_are_both_files()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        const string map = """
            { "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "source" }, "data": { "text": "value" }, "binaryData": { "bytes": "3srK/vDQ" } }
            """;
        (await kubectl.FeedAsync(map, Token, "apply", "-f", "-")).Succeeded();
        var pod = new StoragePod("pod", $"[{ObjectVolume.ConfigMap.Json("volume", "source")}]", Mount)
        {
            Script = "cat /volume/text; echo; hexdump -v -e '1/1 \"%02x\"' /volume/bytes",
        };

        Assert.Equal("value\ndecacafef0d0", await pod.OutputAsync(kubectl, Token));
    }

    [Fact]
    [Trait("Conformance", "secrets-volume-volume-mode-default-secret-with-same-name-in-different-namespace")]
    public async Task A_Secret_is_that_of_the_pods_own_namespace()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var other = await cluster.KubectlAsync(Token);
        await ObjectVolume.Secret.ApplyAsync(kubectl, "source", Token, "data-1=own");
        await ObjectVolume.Secret.ApplyAsync(other, "source", Token, "data-1=foreign");
        var pod = new StoragePod("pod", $"[{ObjectVolume.Secret.Json("volume", "source")}]", Mount) { Script = "cat /volume/data-1" };

        Assert.Equal("own", await pod.OutputAsync(kubectl, Token));
    }

    [Fact]
    [Trait("Conformance", "projected-volume-multiple-projections")]
    public async Task A_projected_volume_mixes_sources()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await ObjectVolume.Secret.ApplyAsync(kubectl, "secret", Token, "key=hidden");
        await ObjectVolume.ConfigMap.ApplyAsync(kubectl, "map", Token, "key=shown");
        const string volume = """
            [{ "name": "volume", "projected": { "sources": [
              { "secret": { "name": "secret", "items": [{ "key": "key", "path": "secret" }] } },
              { "configMap": { "name": "map", "items": [{ "key": "key", "path": "map" }] } },
              { "downwardAPI": { "items": [{ "path": "name", "fieldRef": { "fieldPath": "metadata.name" } }] } }
            ] } }]
            """;
        var pod = new StoragePod("pod", volume, Mount) { Script = "cd /volume; cat secret map name; grep -c ' /volume tmpfs ' /proc/mounts" };

        Assert.Equal("hiddenshownpod1\n", await pod.OutputAsync(kubectl, Token));
    }

    [Fact]
    public async Task Secrets_never_reach_the_disk()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await ObjectVolume.Secret.ApplyAsync(kubectl, "source", Token, "data-1=value-1");
        var pod = new StoragePod("pod", $"[{ObjectVolume.Secret.Json("volume", "source")}]", Mount) { Script = "grep -c ' /volume tmpfs ' /proc/mounts" };

        Assert.Equal("1\n", await pod.OutputAsync(kubectl, Token));
    }

    [Theory]
    [InlineData(ObjectVolume.ConfigMap, "configmap \"source\" not found")]
    [InlineData(ObjectVolume.Secret, "secret \"source\" not found")]
    public async Task A_pod_waits_for_what_is_missing_and_says_so(ObjectVolume kind, string problem)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var pod = new StoragePod("pod", $"[{kind.Json("volume", "source")}]", Mount) { Script = "cat /volume/data-1" };
        await pod.CreateAsync(kubectl, Token);

        await Eventually.BecomesAsync(
            () => kubectl.RunAsync(Token, "get", "events", "--field-selector=reason=FailedMount", "-o", "jsonpath={.items[*].message}"),
            message => message.Contains($"MountVolume.SetUp failed for volume \"volume\" : {problem}", StringComparison.Ordinal),
            Token);
        await kind.ApplyAsync(kubectl, "source", Token, "data-1=value-1");
        Assert.Equal("value-1", await pod.OutputAsync(kubectl, Token));
    }

    [Theory]
    [InlineData(ObjectVolume.ConfigMap)]
    [InlineData(ObjectVolume.Secret)]
    [Trait("Conformance", "configmap-volume-immutability")]
    [Trait("Conformance", "secrets-volume-immutability")]
    public async Task What_is_immutable_cannot_be_changed_and_can_be_deleted(ObjectVolume kind)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kind.ApplyAsync(kubectl, "source", Token, "data-1=value-1");
        await kubectl.RunAsync(Token, "patch", kind.Resource(), "source", "--type=merge", "-p", """{ "immutable": true }""");

        foreach (var change in (string[])["""{ "data": { "data-1": "bmV3" } }""", """{ "immutable": false }"""])
        {
            var refused = await kubectl.TryAsync(Token, "patch", kind.Resource(), "source", "--type=merge", "-p", change);
            Assert.Contains("field is immutable when `immutable` is set", refused.Failed(), StringComparison.Ordinal);
        }
        await kubectl.RunAsync(Token, "label", kind.Resource(), "source", "changed=yes");
        await kubectl.RunAsync(Token, "delete", kind.Resource(), "source");
    }
}
