using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Storage;

/// <summary>What a claim gets on a cluster that has just been made, with nothing but kubectl.</summary>
public sealed class ClaimTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replica_of_a_StatefulSet_finds_its_data_again_and_the_data_goes_with_the_claim()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        (await kubectl.FeedAsync(Set, Token, "apply", "-f", "-")).Succeeded();
        await ReadyAsync(kubectl);
        await kubectl.RunAsync(Token, "exec", "db-0", "--", "sh", "-c", "echo kept > /data/file");
        var uid = await kubectl.ReadAsync(Token, "pod", "db-0", "{.metadata.uid}");

        await kubectl.RunAsync(Token, "delete", "pod", "db-0");
        await Eventually.BecomesAsync(
            () => kubectl.RunAsync(Token, "get", "pods", "-o", "jsonpath={.items[*].metadata.uid}"), found => found.Length > 0 && found != uid, Token);
        await ReadyAsync(kubectl);
        Assert.Equal("kept\n", await kubectl.RunAsync(Token, "exec", "db-0", "--", "cat", "/data/file"));

        var volume = await kubectl.ReadAsync(Token, "pvc", "data-db-0", "{.spec.volumeName}");
        var folder = await kubectl.ReadAsync(Token, "pv", volume, "{.spec.local.path}");
        Assert.True(File.Exists(Path.Combine(folder, "file")));
        Assert.Equal("local-path kybernet.io/local-path", await kubectl.ReadAsync(
            Token, "pv", volume, "{.spec.storageClassName} {.metadata.annotations.pv\\.kubernetes\\.io/provisioned-by}"));

        await kubectl.RunAsync(Token, "delete", "pvc", "data-db-0", "--wait=false");
        Assert.NotEmpty(await kubectl.ReadAsync(Token, "pvc", "data-db-0", "{.metadata.deletionTimestamp}"));
        Assert.Equal("Bound", await kubectl.ReadAsync(Token, "pv", volume, "{.status.phase}"));
        await kubectl.RunAsync(Token, "delete", "statefulset", "db");
        await kubectl.RunAsync(Token, "wait", "--for=delete", "pvc/data-db-0", "--timeout=120s");
        await kubectl.RunAsync(Token, "wait", "--for=delete", $"pv/{volume}", "--timeout=120s");
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_user_who_is_not_root_can_write_to_a_claim_that_grows_while_it_is_in_use()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        (await kubectl.FeedAsync(Claim, Token, "apply", "-f", "-")).Succeeded();
        var pod = new StoragePod(
            "pod", """[{ "name": "volume", "persistentVolumeClaim": { "claimName": "claim" } }]""", """[{ "name": "volume", "mountPath": "/volume" }]""")
        {
            SecurityContext = StoragePod.NonRoot,
        };
        await pod.StartAsync(kubectl, Token);
        await pod.ExecAsync(kubectl, Token, "echo mine > /volume/file");

        await kubectl.RunAsync(Token, "patch", "pvc", "claim", "-p", """{ "spec": { "resources": { "requests": { "storage": "2Gi" } } } }""");
        await kubectl.RunAsync(Token, "wait", "--for=jsonpath={.status.capacity.storage}=2Gi", "pvc/claim", "--timeout=120s");
        Assert.Equal("2Gi", await kubectl.ReadAsync(Token, "pvc", "claim", "{.status.allocatedResources.storage}"));
        var volume = await kubectl.ReadAsync(Token, "pvc", "claim", "{.spec.volumeName}");
        Assert.Equal("2Gi", await kubectl.ReadAsync(Token, "pv", volume, "{.spec.capacity.storage}"));
        Assert.Equal("mine\n", await pod.ExecAsync(kubectl, Token, "cat /volume/file"));
    }

    private const string Claim = """
        { "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "claim" },
          "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } } }
        """;

    private const string Set = """
        { "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": { "name": "db" },
          "spec": { "replicas": 1, "serviceName": "db", "selector": { "matchLabels": { "app": "db" } },
            "template": { "metadata": { "labels": { "app": "db" } }, "spec": { "terminationGracePeriodSeconds": 1, "containers": [{
              "name": "main", "image": "kybernet.local/web:1.0", "command": ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 1; done"],
              "volumeMounts": [{ "name": "data", "mountPath": "/data" }] }] } },
            "volumeClaimTemplates": [{ "metadata": { "name": "data" },
              "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "10Mi" } } } }] } }
        """;

    private static Task ReadyAsync(Kubectl kubectl) => kubectl.RunAsync(Token, "wait", "--for=jsonpath={.status.readyReplicas}=1", "statefulset/db", "--timeout=120s");
}
