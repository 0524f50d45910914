using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;
using Kybernet.EndToEnd.Nodes;

namespace Kybernet.EndToEnd.Workloads;

/// <summary>Pods of controllers that do what they are there for.</summary>
public sealed class BasicImageTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("apps/v1", "ReplicaSet", "{matchLabels: {app: web}}")]
    [InlineData("v1", "ReplicationController", "{app: web}")]
    [Trait("Conformance", "replica-set-run-basic-image")]
    [Trait("Conformance", "replication-controller-run-basic-image")]
    public async Task Each_replica_answers_for_itself(string version, string kind, string selector)
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.ApplyAsync($$"""
            apiVersion: {{version}}
            kind: {{kind}}
            metadata: {name: web}
            spec:
              replicas: 3
              selector: {{selector}}
              template:
                metadata:
                  labels: {app: web}
                spec:
                  containers: [{name: main, image: "{{PodYaml.Image}}"}]
            """);

        var pods = await Eventually.BecomesAsync(
            async () => (await space.ListAsync<Pod>("app=web")).Where(static pod => pod.Status.Conditions.Any(static one => one is { Type: "Ready", Status: "True" })).ToList(),
            static ready => ready.Count == 3,
            Token);

        foreach (var pod in pods)
        {
            Assert.Contains($"host: {pod.Metadata.Name}", await space.Kubectl.PageAsync(pod.Metadata.Name!, Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Conformance", "jobs-completion-after-task-failure")]
    public async Task A_job_completes_whose_containers_fail_at_first()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.ApplyAsync($$"""
            apiVersion: batch/v1
            kind: Job
            metadata: {name: job}
            spec:
              completions: 4
              parallelism: 2
              backoffLimit: 6
              template:
                metadata:
                  labels: {app: job}
                spec:
                  restartPolicy: OnFailure
                  volumes: [{name: data, emptyDir: {} }]
                  containers:
                  - name: main
                    image: "{{PodYaml.Image}}"
                    command: [sh, -c, "[ -e /data/ran ] || { touch /data/ran; exit 1; }"]
                    volumeMounts: [{name: data, mountPath: /data}]
            """);

        var job = await space.WaitForAsync<Job>("job", static job => job.Status.Conditions.Any(static one => one is { Type: "Complete", Status: "True" }), "complete");

        Assert.Equal(4, job.Status.Succeeded);
        Assert.Null(job.Status.Failed);
        Assert.All(
            (await space.ListAsync<Pod>("app=job")).Where(static pod => pod.Status.Phase == "Succeeded"),
            static pod => Assert.Equal(1, pod.Status.ContainerStatuses[0].RestartCount));
    }
}
