using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Storage;

/// <summary>Folders of the node, directly and through claims.</summary>
public sealed class PersistentVolumeTests(ClusterFixture cluster)
{
    private const string Mount = """[{ "name": "volume", "mountPath": "/volume" }]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Directory", "hostPath type check failed: /nowhere/to/be/found is not a directory")]
    [InlineData("File", "hostPath type check failed: /nowhere/to/be/found is not a file")]
    [InlineData("Socket", "hostPath type check failed: /nowhere/to/be/found is not a socket file")]
    [InlineData("CharDevice", "hostPath type check failed: /nowhere/to/be/found is not a character device")]
    [InlineData("BlockDevice", "hostPath type check failed: /nowhere/to/be/found is not a block device")]
    public async Task A_host_path_must_be_what_it_claims_to_be(string type, string problem)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var volume = $$"""[{ "name": "volume", "hostPath": { "path": "/nowhere/to/be/found", "type": "{{type}}" } }]""";
        await new StoragePod("pod", volume, Mount).CreateAsync(kubectl, Token);

        await Eventually.BecomesAsync(
            () => kubectl.RunAsync(Token, "get", "events", "--field-selector=reason=FailedMount", "-o", "jsonpath={.items[*].message}"),
            message => message.Contains(problem, StringComparison.Ordinal),
            Token);
    }

    [Theory]
    [InlineData("hostPath")]
    [InlineData("local")]
    public async Task A_pod_waits_until_its_claim_is_bound_and_then_has_the_volumes_files(string source)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var folder = Directory.CreateTempSubdirectory("kybernet-volume-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "file"), "from the node", Token);
            await CreateClaimAsync(kubectl, source, folder.FullName);
            var pod = new StoragePod("pod", """[{ "name": "volume", "persistentVolumeClaim": { "claimName": "claim" } }]""", Mount)
            {
                Script = "cat /volume/file; echo back > /volume/answer; stat -c %g /volume/answer",
                SecurityContext = source == "local" ? """{ "fsGroup": 4321 }""" : "{}",
            };

            Assert.Equal($"from the node{(source == "local" ? 4321 : 0)}\n", await pod.OutputAsync(kubectl, Token));
            Assert.Equal("back\n", await File.ReadAllTextAsync(Path.Combine(folder.FullName, "answer"), Token));
        }
        finally
        {
            await kubectl.RunAsync(Token, "delete", "pv", $"volume-{kubectl.Namespace}", "--ignore-not-found", "--wait=false");
            folder.Delete(recursive: true);
        }
    }

    private static async Task CreateClaimAsync(Kubectl kubectl, string source, string folder)
    {
        var volume = $"volume-{kubectl.Namespace}";
        var claim = $$"""
            { "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "claim" },
              "spec": { "accessModes": ["ReadWriteOnce"], "storageClassName": "", "volumeName": "{{volume}}", "resources": { "requests": { "storage": "1Mi" } } } }
            """;
        (await kubectl.FeedAsync(claim, Token, "apply", "-f", "-")).Succeeded();
        var affinity = source == "local"
            ? """, "nodeAffinity": { "required": { "nodeSelectorTerms": [{ "matchExpressions": [{ "key": "kubernetes.io/os", "operator": "In", "values": ["linux"] }] }] } }"""
            : "";
        var persistent = $$"""
            { "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": "{{volume}}" },
              "spec": { "accessModes": ["ReadWriteOnce"], "capacity": { "storage": "1Mi" }, "{{source}}": { "path": "{{folder}}" },
                "claimRef": { "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": "{{kubectl.Namespace}}", "name": "claim" }{{affinity}} } }
            """;
        (await kubectl.FeedAsync(persistent, Token, "apply", "-f", "-")).Succeeded();
    }
}
