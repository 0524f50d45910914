using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
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
}
