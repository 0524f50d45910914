using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>What Deployments do, on the real API server.</summary>
public sealed class DeploymentOnServerTests : DeploymentTests
{
    private protected override ServerInProcess Server { get; } = new();
}

/// <summary>What the garbage collector does, on the real API server.</summary>
public sealed class GarbageCollectorOnServerTests : GarbageCollectorTests
{
    private protected override ServerInProcess Server { get; } = new();
}

/// <summary>How namespaces live and die, on the real API server.</summary>
public sealed class NamespaceOnServerTests : ClusterTest
{
    private protected override ServerInProcess Server { get; } = new();

    private protected override ControllerOptions Options => new() { RootCertificate = "the certificate" };

    [Fact]
    [Trait("Conformance", "namespace-deletion-removes-pods")]
    public async Task A_namespace_with_a_running_deployment_goes_and_can_be_made_again()
    {
        await Eventually.TrueAsync(() => Find<ConfigMap>("a", "kube-root-ca.crt") is not null, "the certificate");
        await Client.CreateAsync(Deployment("web", 3), Cancellation);
        await Eventually.TrueAsync(() => Find<Deployment>("a", "web")!.Status.AvailableReplicas == 3, "it is available");
        await Client.DeleteAsync<Namespace>("", "a", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<Namespace>("", "a") is null, "the namespace is gone");
        Assert.Empty(List<Pod>("a"));
        Assert.Empty(List<ConfigMap>("a"));
        await Client.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "a" } }, Cancellation);
        await Eventually.TrueAsync(() => Find<ServiceAccount>("a", "default") is not null, "the account");
    }

    [Fact]
    [Trait("Conformance", "ordered-namespace-deletion")]
    public async Task Pods_go_before_what_they_may_use()
    {
        var pod = new Pod { Metadata = new ObjectMeta { Namespace = "a", Name = "held", Finalizers = ["example.com/hold"] }, Spec = Template("held", "good").Spec };
        await Client.CreateAsync(pod, Cancellation);
        await Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Namespace = "a", Name = "used" } }, Cancellation);
        await Client.DeleteAsync<Namespace>("", "a", DeleteOptions.Empty, Cancellation);

        await Eventually.TrueAsync(
            () => Find<Namespace>("", "a")!.Status.Conditions.Any(static condition => condition is { Type: "NamespaceContentRemaining", Status: "True", Message: "Some resources are remaining: pods. has 1 resource instances" }),
            "it waits for the pod");
        Assert.NotNull(Find<ConfigMap>("a", "used"));

        await ChangeAsync<Pod>("a", "held", static held => held with { Metadata = held.Metadata with { Finalizers = [] } });
        await Eventually.TrueAsync(() => Find<Namespace>("", "a") is null, "the namespace is gone");
    }
}

/// <summary>How Deployments and ReplicaSets are changed over their lives, on the real API server.</summary>
public sealed class WorkloadLifeTests : OnServerTest
{
    [Fact]
    [Trait("Conformance", "deployment-completes-the-lifecycle-of-a-deployment")]
    public async Task A_deployment_is_made_patched_updated_and_deleted_and_a_watch_sees_it()
    {
        var seen = new List<string>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var from = (await Client.Transport.ListAsync(new ApiCall(HttpMethod.Get, "/apis/apps/v1/namespaces/a/deployments"), Cancellation)).ResourceVersion;
        var watching = WatchAsync();

        await Client.CreateAsync(Deployment("web", 2), Cancellation);
        await AvailableAsync(2);
        var patch = System.Text.Json.Nodes.JsonNode.Parse("""{"metadata":{"labels":{"patched":"yes"}},"spec":{"replicas":1}}""")!;
        Assert.Equal("yes", (await Client.PatchAsync<Deployment>("a", "web", "", Patch.Strategic(patch), Cancellation)).Metadata.Labels["patched"]);
        await AvailableAsync(1);
        await ChangeAsync<Deployment>("a", "web", static deployment => deployment with { Spec = deployment.Spec with { Template = Template("web", "better") } });
        await Eventually.TrueAsync(() => List<Pod>("a").Any(static pod => pod.Spec.Containers[0].Image == "better"), "the new template rolls out");
        await Client.DeleteAsync<Deployment>("a", "web", new DeleteOptions { PropagationPolicy = "Background" }, Cancellation);
        await watching;

        Assert.Equal("Added", seen[0]);
        Assert.Contains("Modified", seen);
        Assert.Equal("Deleted", seen[^1]);

        async Task WatchAsync()
        {
            await foreach (var change in Client.Transport.WatchAsync(new ApiCall(HttpMethod.Get, $"/apis/apps/v1/namespaces/a/deployments?watch=true&resourceVersion={from}"), ending.Token))
            {
                seen.Add($"{change.Type}");
                if (change.Type == ObjectEventType.Deleted)
                {
                    return;
                }
            }
        }

        Task AvailableAsync(int count) => Eventually.TrueAsync(() => Find<Deployment>("a", "web")!.Status is { } status && status.AvailableReplicas == count && status.Replicas == count, $"{count} are available");
    }

    [Fact]
    [Trait("Conformance", "replicaset-is-created-replaced-and-patched")]
    public async Task A_replica_set_is_made_replaced_and_patched_and_its_pods_follow()
    {
        await Client.CreateAsync(ReplicaSet("web", 1), Cancellation);
        await ReadyAsync(1);
        await ChangeAsync<ReplicaSet>("a", "web", static set => set with { Spec = set.Spec with { Replicas = 2 } });
        await ReadyAsync(2);
        var patch = System.Text.Json.Nodes.JsonNode.Parse("""{"metadata":{"labels":{"patched":"yes"}},"spec":{"replicas":3}}""")!;
        await Client.PatchAsync<ReplicaSet>("a", "web", "", Patch.Strategic(patch), Cancellation);
        await ReadyAsync(3);
        Assert.Equal("yes", Find<ReplicaSet>("a", "web")!.Metadata.Labels["patched"]);

        Task ReadyAsync(int count) => Eventually.TrueAsync(() => Find<ReplicaSet>("a", "web")!.Status.ReadyReplicas == count, $"{count} are ready");
    }
}
