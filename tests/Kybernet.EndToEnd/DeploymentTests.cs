using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>A Deployment's life, from stock kubectl to real containers.</summary>
public sealed class DeploymentTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_created_deployment_rolls_out_and_serves_its_configuration()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.RunAsync(Token, "create", "-f", Repository.Example("web.yaml"));

        Assert.Contains("deployment \"web\" successfully rolled out", await kubectl.RolledOutAsync(Token), StringComparison.Ordinal);

        var pods = await kubectl.PodsAsync(Token);
        Assert.Equal(3, pods.Count);
        foreach (var pod in pods)
        {
            var page = await kubectl.PageAsync(pod, Token);
            Assert.Contains("version: 1.0", page, StringComparison.Ordinal);
            Assert.Contains($"host: {pod}", page, StringComparison.Ordinal);
            Assert.Contains("greeting: Hello from a ConfigMap", page, StringComparison.Ordinal);
            Assert.Contains("config motd: One machine, one command, real containers.", page, StringComparison.Ordinal);
        }
        Assert.Matches(@"(?m)^web\s+3/3\s+3\s+3\s+\S+\s*$", await kubectl.RunAsync(Token, "get", "deployments"));
        var wide = await kubectl.RunAsync(Token, "get", "pods", "-o", "wide");
        Assert.Matches(@"(?m)^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE\s+NOMINATED NODE\s+READINESS GATES\s*$", wide);
        Assert.Equal(3, System.Text.RegularExpressions.Regex.Count(wide, @"(?m)^web-\S+\s+1/1\s+Running\s+0\s+\S+\s+10\.2\d\d\.0\.\d+\s"));
    }

    [Fact]
    public async Task Scaling_makes_and_removes_pods()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.CreateAsync(Token);

        await kubectl.RunAsync(Token, "scale", "deployment/web", "--replicas=5");
        await kubectl.RolledOutAsync(Token);
        Assert.Equal(5, (await kubectl.PodsAsync(Token)).Count);

        await kubectl.RunAsync(Token, "scale", "deployment/web", "--replicas=1");
        await Eventually.BecomesAsync(
            () => kubectl.RunAsync(Token, "get", "pods", "-l", "app=web", "--no-headers"),
            static pods => pods.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 1,
            Token);
    }

    [Fact]
    public async Task A_new_image_rolls_out_and_can_be_undone()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.CreateAsync(Token);

        await kubectl.RunAsync(Token, "set", "image", "deployment/web", "web=kybernet.local/web:2.0");
        await kubectl.RunAsync(Token, "annotate", "deployment/web", "kubernetes.io/change-cause=second version");
        await kubectl.RolledOutAsync(Token);
        Assert.Contains("version: 2.0", await kubectl.PageAsync((await kubectl.PodsAsync(Token))[0], Token), StringComparison.Ordinal);

        var history = await kubectl.RunAsync(Token, "rollout", "history", "deployment/web");
        Assert.Matches(@"(?m)^1\s+<none>\s*$", history);
        Assert.Matches(@"(?m)^2\s+second version\s*$", history);
        Assert.Contains("kybernet.local/web:1.0", await kubectl.RunAsync(Token, "rollout", "history", "deployment/web", "--revision=1"), StringComparison.Ordinal);

        await kubectl.RunAsync(Token, "rollout", "undo", "deployment/web");
        await kubectl.RolledOutAsync(Token);
        Assert.Contains("version: 1.0", await kubectl.PageAsync((await kubectl.PodsAsync(Token))[0], Token), StringComparison.Ordinal);
        Assert.Matches(@"(?m)^3\s", await kubectl.RunAsync(Token, "rollout", "history", "deployment/web"));
    }

    [Fact]
    public async Task A_paused_rollout_waits_until_it_is_resumed()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.CreateAsync(Token);

        await kubectl.RunAsync(Token, "rollout", "pause", "deployment/web");
        await kubectl.RunAsync(Token, "set", "image", "deployment/web", "web=kybernet.local/web:2.0");
        await Eventually.BecomesAsync(
            () => kubectl.ReadAsync(Token, "deployment", "web", "{.metadata.generation} {.status.observedGeneration}"),
            static generations => generations.Split(' ') is [var wanted, var observed] && wanted == observed,
            Token);
        Assert.Equal("1", await kubectl.ReadAsync(Token, "deployment", "web", "{.metadata.annotations.deployment\\.kubernetes\\.io/revision}"));

        await kubectl.RunAsync(Token, "rollout", "resume", "deployment/web");
        await kubectl.RolledOutAsync(Token);
        Assert.Contains("version: 2.0", await kubectl.PageAsync((await kubectl.PodsAsync(Token))[0], Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_pod_is_replaced_and_a_deleted_deployment_takes_everything_along()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.CreateAsync(Token);
        var victim = (await kubectl.PodsAsync(Token))[0];

        await kubectl.RunAsync(Token, "delete", "pod", victim);
        await kubectl.RolledOutAsync(Token);
        Assert.DoesNotContain(victim, await kubectl.PodsAsync(Token));

        await kubectl.RunAsync(Token, "delete", "-f", Repository.Example("web.yaml"));
        await Eventually.BecomesAsync(
            async () => (await kubectl.RunAsync(Token, "get", "deployments,replicasets,pods", "--no-headers", "--ignore-not-found")).Trim(),
            static left => left.Length == 0,
            Token);
    }

    [Fact]
    public async Task An_image_that_does_not_exist_is_told_as_status_and_event()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.RunAsync(Token, "run", "broken", "--image=127.0.0.1:1/no/such:image");

        await Eventually.BecomesAsync(
            () => kubectl.ReadAsync(Token, "pod", "broken", "{.status.containerStatuses[0].state.waiting.reason}"),
            static reason => reason == "ImagePullBackOff",
            Token);
        var events = await kubectl.RunAsync(Token, "get", "events", "--field-selector", "involvedObject.name=broken");
        Assert.Contains("ErrImagePull", events, StringComparison.Ordinal);
        Assert.Contains("Back-off pulling image", events, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watching_pods_prints_each_change_as_it_happens()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        using var watch = kubectl.Start("get", "pods", "-w", "--no-headers");
        try
        {
            await kubectl.RunAsync(Token, "run", "watched", "--image=kybernet.local/web:1.0");

            string? line;
            do
            {
                line = await watch.StandardOutput.ReadLineAsync(Token);
                Assert.NotNull(line);
            }
            while (!System.Text.RegularExpressions.Regex.IsMatch(line, @"^watched\s+1/1\s+Running\s"));
        }
        finally
        {
            watch.Kill();
        }
    }
}
