using k8s;
using Kybernet.Testing;
using Kybernet.Testing.Nodes;
using Websites.Operator;

namespace Websites.Tests;

/// <summary>One cluster, with the operator running in it, for all tests of a class. Each test has a namespace of its own.</summary>
public sealed class WebsiteFixture : IAsyncLifetime
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _operator = Task.CompletedTask;

    public TestCluster Cluster { get; private set; } = null!;

    public GenericClient Websites { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Cluster = await TestCluster.StartAsync(new TestClusterOptions
        {
            Controllers = TestControllers.All,
            Scheduler = true,
            Nodes = [new HollowNodeOptions("node") { Pods = static pod => pod.Spec.Containers[0].Image == "broken" ? new HollowPod { StuckIn = "ImagePullBackOff" } : HollowPod.Runs }],
        });
        await Cluster.InstallAsync<Website>();
        await Cluster.ApplyAsync("manifests"); // the operator's account and role, as they are shipped
        // The operator acts as the account that it will have: a rule that is missing is found here.
        var client = Cluster.ClientAs("system:serviceaccount:websites:operator");
        _operator = new WebsiteOperator(client, TimeProvider.System).RunAsync(_stopping.Token);
        Websites = new GenericClient(Cluster.Client, "example.com", "v1", "websites", disposeClient: false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _operator;
        Websites.Dispose();
        await Cluster.DisposeAsync();
        _stopping.Dispose();
    }
}
