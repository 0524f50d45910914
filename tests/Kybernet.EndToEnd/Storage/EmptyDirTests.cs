using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Storage;

/// <summary>Volumes that begin empty, on the disk and in memory.</summary>
public sealed class EmptyDirTests(ClusterFixture cluster)
{
    private const string Mount = """[{ "name": "volume", "mountPath": "/volume" }]""";

    public static IEnumerable<TheoryDataRow<string, string, int>> Combinations =>
        from medium in (string[])["", "Memory"]
        from mode in (string[])["644", "666", "777"]
        from user in (int[])[0, 1001]
        select new TheoryDataRow<string, string, int>(medium, mode, user);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Volume(string medium) => $$"""[{ "name": "volume", "emptyDir": { "medium": "{{medium}}" } }]""";

    [Theory]
    [MemberData(nameof(Combinations))]
    [Trait("Conformance", "emptydir-medium-default-volume-mode-0644-non-root")]
    [Trait("Conformance", "emptydir-medium-memory-volume-mode-0644-non-root-user")]
    [Trait("Conformance", "emptydir-medium-default-volume-mode-0666-non-root")]
    [Trait("Conformance", "emptydir-medium-memory-volume-mode-0666-non-root-user")]
    [Trait("Conformance", "emptydir-medium-default-volume-mode-0777-non-root")]
    [Trait("Conformance", "emptydir-medium-memory-volume-mode-0777-non-root-user")]
    [Trait("Conformance", "emptydir-medium-default-volume-mode-0644-root")]
    [Trait("Conformance", "emptydir-medium-memory-volume-mode-0644")]
    [Trait("Conformance", "emptydir-medium-default-volume-mode-0666-root")]
    [Trait("Conformance", "emptydir-medium-memory-volume-mode-0666")]
    [Trait("Conformance", "emptydir-medium-default-volume-mode-0777-root")]
    [Trait("Conformance", "emptydir-medium-memory-volume-mode-0777")]
    public async Task Files_have_the_mode_and_content_that_a_user_gives_them(string medium, string mode, int user)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var pod = new StoragePod("pod", Volume(medium), Mount)
        {
            Script = $"echo content > /volume/file; chmod {mode} /volume/file; stat -c '%a %u' /volume/file; cat /volume/file; grep -c ' /volume tmpfs ' /proc/mounts || true",
            SecurityContext = $$"""{ "runAsUser": {{user}} }""",
        };

        Assert.Equal($"{mode} {user}\ncontent\n{(medium == "Memory" ? 1 : 0)}\n", await pod.OutputAsync(kubectl, Token));
    }

    [Theory]
    [InlineData("", "0")]
    [InlineData("Memory", "1")]
    [Trait("Conformance", "emptydir-medium-default-volume-mode-default")]
    [Trait("Conformance", "emptydir-medium-memory-volume-mode-default")]
    public async Task Everyone_may_write_into_a_new_one(string medium, string mountsInMemory)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var pod = new StoragePod("pod", Volume(medium), Mount) { Script = "stat -c %a /volume; grep -c ' /volume tmpfs ' /proc/mounts || true" };

        Assert.Equal($"777\n{mountsInMemory}\n", await pod.OutputAsync(kubectl, Token));
    }

    [Fact]
    [Trait("Conformance", "emptydir-shared-volumes-between-containers")]
    public async Task Containers_of_a_pod_see_each_others_files()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        const string manifest = """
            {
              "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "pod" },
              "spec": {
                "restartPolicy": "Never",
                "containers": [
                  { "name": "main", "image": "kybernet.local/web:1.0", "command": ["sh", "-c", "until cat /in/greeting; do sleep 0.1; done"],
                    "volumeMounts": [{ "name": "shared", "mountPath": "/in" }] },
                  { "name": "writer", "image": "kybernet.local/web:1.0", "command": ["sh", "-c", "echo hello > /out/next; mv /out/next /out/greeting"],
                    "volumeMounts": [{ "name": "shared", "mountPath": "/out" }] }
                ],
                "volumes": [{ "name": "shared", "emptyDir": {} }]
              }
            }
            """;
        (await kubectl.FeedAsync(manifest, Token, "apply", "-f", "-")).Succeeded();
        await kubectl.RunAsync(Token, "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/pod", "--timeout=60s");

        Assert.EndsWith("hello\n", await kubectl.RunAsync(Token, "logs", "pod", "-c", "main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_in_memory_is_no_larger_than_its_limit()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var pod = new StoragePod("pod", """[{ "name": "volume", "emptyDir": { "medium": "Memory", "sizeLimit": "1Mi" } }]""", Mount)
        {
            Script = "dd if=/dev/zero of=/volume/file bs=1M count=2 2>/dev/null && echo whole || stat -c %s /volume/file",
        };

        Assert.Equal("1048576\n", await pod.OutputAsync(kubectl, Token));
    }

    [Fact]
    public async Task The_pods_group_owns_it()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var pod = new StoragePod("pod", Volume(""), Mount)
        {
            Script = "stat -c '%a %g' /volume; touch /volume/file; stat -c '%g' /volume/file",
            SecurityContext = """{ "runAsUser": 1001, "fsGroup": 123 }""",
        };

        Assert.Equal("2777 123\n123\n", await pod.OutputAsync(kubectl, Token));
    }
}
