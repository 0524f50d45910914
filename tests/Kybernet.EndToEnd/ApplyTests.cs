using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>Server-side apply, by those who use it: stock kubectl, and helm, which uses nothing else.</summary>
public sealed class ApplyTests(ClusterFixture cluster)
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: main, image: kybernet.test/none:1, ports: [{containerPort: 80}]}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_of_kubectl_apply_goes_over_to_the_server_and_back()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        (await kubectl.FeedAsync(Web, Token, "apply", "-f", "-")).Succeeded();

        var changed = Web.Replace("replicas: 2", "replicas: 3", StringComparison.Ordinal);
        Assert.Contains("deployment.apps/web serverside-applied", (await kubectl.FeedAsync(changed, Token, "apply", "--server-side", "-f", "-")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal("3", await kubectl.ReadAsync(Token, "deployment", "web", "{.spec.replicas}"));
        (await kubectl.FeedAsync(changed, Token, "diff", "--server-side", "-f", "-")).Succeeded();
        (await kubectl.FeedAsync(Web, Token, "apply", "-f", "-")).Succeeded();
        Assert.Equal("2", await kubectl.ReadAsync(Token, "deployment", "web", "{.spec.replicas}"));
    }

    [Fact]
    public async Task A_conflict_names_who_has_the_field_and_can_be_forced_and_another_manager_can_share_it()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        (await kubectl.FeedAsync(Web, Token, "apply", "--server-side", "-f", "-")).Succeeded();
        await kubectl.RunAsync(Token, "patch", "deployment", "web", "--subresource=scale", "--type=merge", "--field-manager=scaler", "-p", """{"spec":{"replicas":5}}""");

        var refused = await kubectl.FeedAsync(Web, Token, "apply", "--server-side", "-f", "-");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Apply failed with 1 conflict: conflict with \"scaler\" with subresource \"scale\" using apps/v1: .spec.replicas", refused.Error, StringComparison.Ordinal);
        (await kubectl.FeedAsync(Web.Replace("  replicas: 2", "", StringComparison.Ordinal), Token, "apply", "--server-side", "-f", "-")).Succeeded();
        Assert.Equal("5", await kubectl.ReadAsync(Token, "deployment", "web", "{.spec.replicas}"));
        (await kubectl.FeedAsync(Web, Token, "apply", "--server-side", "--force-conflicts", "-f", "-")).Succeeded();
        Assert.Equal("2", await kubectl.ReadAsync(Token, "deployment", "web", "{.spec.replicas}"));
        (await kubectl.FeedAsync(Web, Token, "apply", "--server-side", "--field-manager=other", "-f", "-")).Succeeded();
        Assert.Contains("manager: other", await kubectl.RunAsync(Token, "get", "deployment", "web", "-o", "yaml", "--show-managed-fields"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Helm_installs_upgrades_rolls_back_and_uninstalls_a_chart()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var helm = kubectl.OfVersion(Path.Combine(Repository.Root, "artifacts/tools/helm"));
        var folder = Directory.CreateTempSubdirectory("kybernet-chart-");
        try
        {
            var chart = Path.Combine(folder.FullName, "demo");
            await helm.RunAsync(Token, "create", chart);

            Assert.Contains("STATUS: deployed", await helm.RunAsync(Token, "install", "demo", chart), StringComparison.Ordinal);
            await helm.RunAsync(Token, "upgrade", "demo", chart, "--set", "replicaCount=2");
            Assert.Equal("2", await kubectl.ReadAsync(Token, "deployment", "demo", "{.spec.replicas}"));
            await helm.RunAsync(Token, "rollback", "demo", "1");
            Assert.Equal("1", await kubectl.ReadAsync(Token, "deployment", "demo", "{.spec.replicas}"));
            Assert.Contains("Rollback to 1", await helm.RunAsync(Token, "history", "demo"), StringComparison.Ordinal);
            await helm.RunAsync(Token, "uninstall", "demo");
            Assert.Equal("", await kubectl.RunAsync(Token, "get", "services,deployments", "-l", "app.kubernetes.io/instance=demo", "-o", "name"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
