using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

public sealed class NamespaceTests : ClusterTest
{
    private protected override ControllerOptions Options => new() { RootCertificate = "the certificate" };

    [Fact]
    [Trait("Conformance", "rootca-configmap-test")]
    public async Task A_new_namespace_gets_its_account_and_the_root_certificate_and_gets_them_back()
    {
        await CreateAsync();
        await Eventually.TrueAsync(() => Find<ServiceAccount>("a", "default") is not null, "the account");
        await Eventually.TrueAsync(() => Find<ConfigMap>("a", "kube-root-ca.crt")?.Data["ca.crt"] == "the certificate", "the certificate");
        await Client.DeleteAsync<ServiceAccount>("a", "default", DeleteOptions.Empty, Cancellation);
        await ChangeAsync<ConfigMap>("a", "kube-root-ca.crt", map => map with { Data = new Dictionary<string, string> { ["ca.crt"] = "forged" } });
        await Eventually.TrueAsync(() => Find<ServiceAccount>("a", "default") is not null, "the account is back");
        await Eventually.TrueAsync(() => Find<ConfigMap>("a", "kube-root-ca.crt")?.Data["ca.crt"] == "the certificate", "the certificate is back");
    }

    [Fact]
    public async Task A_deleted_namespace_goes_when_all_in_it_is_gone_and_says_what_it_waits_for()
    {
        await CreateAsync();
        await Client.CreateAsync(Deployment("web", 2), Cancellation);
        await Eventually.TrueAsync(() => Find<Deployment>("a", "web")!.Status.AvailableReplicas == 2, "it is available");
        await Client.CreateAsync(
            new ConfigMap { Metadata = new ObjectMeta { Namespace = "a", Name = "held", Finalizers = ["example.com/hold"] } }, Cancellation);
        // As the server's admission does, for otherwise the ReplicaSet makes new pods as fast as they go.
        Api.Intercept = call => call.Method == HttpMethod.Post && call.PathAndQuery.EndsWith("/pods", StringComparison.Ordinal)
            ? FakeApi.Failure(403, "Forbidden", "the namespace is being terminated")
            : null;
        await Client.DeleteAsync<Namespace>("", "a", DeleteOptions.Empty, Cancellation);

        await Eventually.TrueAsync(() => Condition("NamespaceFinalizersRemaining")?.Status == "True", "the condition");
        Assert.Equal("Terminating", Find<Namespace>("", "a")!.Status.Phase);
        Assert.Equal("Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances", Condition("NamespaceFinalizersRemaining")!.Message);
        Assert.Equal("Some resources are remaining: configmaps. has 1 resource instances", Condition("NamespaceContentRemaining")!.Message);
        Assert.Equal("ContentDeleted", Condition("NamespaceDeletionContentFailure")!.Reason);
        Assert.Empty(List<Deployment>("a"));

        await ChangeAsync<ConfigMap>("a", "held", map => map with { Metadata = map.Metadata with { Finalizers = [] } });
        await Eventually.TrueAsync(() => Find<Namespace>("", "a") is null, "the namespace is gone");
        Assert.Empty(List<ConfigMap>("a"));
    }

    private NamespaceCondition? Condition(string type) => Find<Namespace>("", "a")?.Status.Conditions.FirstOrDefault(condition => condition.Type == type);

    private Task CreateAsync() => Client.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "a" } }, Cancellation);
}
